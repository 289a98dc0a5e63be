//! Services that give names to their customers, where a name that nobody holds can be claimed by anybody: an alias that
//! still points there then serves a stranger's pages. Facts from the fingerprints of can-i-take-over-xyz, those only whose
//! free names do not resolve, and from the vendors' manuals.

use super::name::Name;

/// Suffix of the names, service.
const SERVICES: &[(&str, &str)] = &[
    ("azurewebsites.net", "Azure App Service"),
    ("cloudapp.net", "Azure Cloud Services"),
    ("cloudapp.azure.com", "Azure virtual machines"),
    ("trafficmanager.net", "Azure Traffic Manager"),
    ("blob.core.windows.net", "Azure Storage"),
    ("web.core.windows.net", "Azure Storage"),
    ("azure-api.net", "Azure API Management"),
    ("azureedge.net", "Azure CDN"),
    ("azurefd.net", "Azure Front Door"),
    ("azurecontainer.io", "Azure Container Instances"),
    ("azurestaticapps.net", "Azure Static Web Apps"),
    ("database.windows.net", "Azure SQL"),
    ("redis.cache.windows.net", "Azure Cache for Redis"),
    ("search.windows.net", "Azure AI Search"),
    ("servicebus.windows.net", "Azure Service Bus"),
    ("azurecr.io", "Azure Container Registry"),
    ("azurehdinsight.net", "Azure HDInsight"),
    ("elasticbeanstalk.com", "AWS Elastic Beanstalk"),
    ("s3.amazonaws.com", "Amazon S3"),
    ("discourse.group", "Discourse"),
    ("readthedocs.io", "Read the Docs"),
    ("surge.sh", "Surge"),
    ("wordpress.com", "WordPress.com"),
    ("herokudns.com", "Heroku"),
    ("herokuapp.com", "Heroku"),
    ("netlify.app", "Netlify"),
    ("vercel.app", "Vercel"),
    ("pages.dev", "Cloudflare Pages"),
    ("workers.dev", "Cloudflare Workers"),
    ("github.io", "GitHub Pages"),
    ("gitlab.io", "GitLab Pages"),
    ("bitbucket.io", "Bitbucket"),
    ("ghost.io", "Ghost"),
    ("helpscoutdocs.com", "Help Scout"),
    ("helpjuice.com", "Helpjuice"),
    ("ngrok.io", "ngrok"),
    ("pantheonsite.io", "Pantheon"),
    ("uservoice.com", "UserVoice"),
    ("launchrock.com", "LaunchRock"),
    ("fly.dev", "Fly.io"),
    ("onrender.com", "Render"),
    ("up.railway.app", "Railway"),
    ("firebaseapp.com", "Firebase Hosting"),
    ("web.app", "Firebase Hosting"),
    ("myshopify.com", "Shopify"),
    ("zendesk.com", "Zendesk"),
    ("statuspage.io", "Statuspage"),
    ("wpengine.com", "WP Engine"),
];

/// The service that the name belongs to, as a customer's name of it.
pub fn of(name: &Name) -> Option<&'static str> {
    let text = name.as_str();
    let ends = |suffix: &str| text.strip_suffix(suffix).is_some_and(|head| head.ends_with('.'));
    if text.starts_with("s3-website") || text.contains(".s3-website") && text.ends_with(".amazonaws.com") {
        return Some("Amazon S3");
    }
    SERVICES.iter().find(|(suffix, _)| ends(suffix)).map(|(_, service)| *service)
}
