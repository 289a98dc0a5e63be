//! Services that give names to their customers and take them out of DNS when they are given back: whoever asks first gets
//! the name next, and an alias that still points there serves a stranger's pages. Which services let anybody take such a
//! name is known from can-i-take-over-xyz (fingerprint NXDOMAIN) and from the vendors' manuals. Services whose free names
//! still resolve (pages, buckets) do not show in DNS and are not listed.

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
    ("azurecontainer.io", "Azure Container Instances"),
    ("database.windows.net", "Azure SQL"),
    ("redis.cache.windows.net", "Azure Cache for Redis"),
    ("search.windows.net", "Azure AI Search"),
    ("servicebus.windows.net", "Azure Service Bus"),
    ("azurecr.io", "Azure Container Registry"),
    ("azurehdinsight.net", "Azure HDInsight"),
    ("elasticbeanstalk.com", "AWS Elastic Beanstalk"),
];

/// The service that the name belongs to, as a customer's name of it.
pub fn of(name: &Name) -> Option<&'static str> {
    let text = name.as_str();
    let ends = |suffix: &str| text.strip_suffix(suffix).is_some_and(|head| head.ends_with('.'));
    SERVICES.iter().find(|(suffix, _)| ends(suffix)).map(|(_, service)| *service)
}
