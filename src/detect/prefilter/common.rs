//! How often three bytes stand in source text: what the prefilter avoids.

use std::collections::BTreeMap;

use super::FOLD;

/// Three bytes, case folded, with a blank between, by how often they stand in a million bytes at least: the mean over C, Go,
/// Python, Ruby, JavaScript, Java, shell, YAML, JSON and prose, measured on 400 MB.
const COMMON: [(u32, &str); 5] = [
    (
        1600,
        "\
        ate ati con ent ing ion ons ser str the tio",
    ),
    (
        800,
        "\
        --- abl age all ame and ass ata ble com cti dat der ect end equ err ers ert ess est ext for ice int ist ith \
        lic men nam not nte ode ont ord ort per pro rea res ret rin sta tat ted ter tes tor tri tur typ use val ver \
        ype",
    ),
    (
        400,
        "\
        .co :// _co _re ace act add ail ain ali alu ant app are art ase att aut but cal cat cen ces cha che clu col \
        cre def del des dis doc ead eat eco ele ens er. er_ era ere eri erv es. esp ete etu eve exp fig fil fro get \
        gra han her his htt ibu ica ide ile ime imp ind ine ire ite iti ity ive ize jec key lec let lie lin lle loc \
        log lse lue mat mes met mod mpo nce nde ner new nfi nod nse nst nta nti ntr nts ock oll omm one onf onn ope \
        opt ore ork orm ost oun our out par pat por pos pre pri pti que ran rat rde rec red ref ren req rib rit rom \
        ror rou rro ruc rvi sec sel set sio sse ste sto tem ten tex thi tho tic tim tin tra tru ttp uct ues ull ult \
        unt urn ust ute ven vic wit wor",
    ),
    (
        200,
        "\
        .re .se .to .va //g /co /gi 000 0x0 _de _id _in _ma _na _pa _pr _se _st _to aaa abe acc ach ack ade ait als \
        ami ana anc ang ann ans any api ara ard arg ari ask ast asy atc ath atu aul awa b.c bas bel ber bit bje bli \
        blo boo bui can cce cke cla cli cod cop cor cou cri cto cum cur ded den dev din dir dit dle duc eas eck ed_ \
        edi efa efi eld elf els ema eme emo emp ena enc ene erm ern ery esc ese eso esu et_ eta eth etr fal fau fer \
        fic fie fin fs_ fun gen ger ges ght gin git gre gro har has hat hea hec hen hou hub ial iel ien ies ifi igh \
        ign ild ill ima inc inf ini ins ipt iss iva jso ken lab las lat le_ lea led len ler les lid lis lit llo loa \
        low lte lud lum mag mai man map mbe me: mem mer min mis mit mon mpl nal ncl nd_ ndi ned net nfo nge nil nit \
        nne non nt. nt_ nul num oad obj oca ocu odu oin oke olu om/ ome omp on. on: on_ ond ook ool org ory ose oti \
        oto oup ove own pac pag pas pda pe: pec pen pla ple pli pon ppl ps: pub put qua qui rac ram rce ree reg rel \
        rep rge ria ric rig rip riv rma rmi rod rol rop rre rsi rt_ rti rts rue run rve s:/ sag sco scr sed sen ses \
        sha shi sho sig sin siz son sou spa spe spo ssa ssi st_ sti sub sul sup syn sys t_e tab tai tal tar tch te_ \
        teg tha thu tif tit tiv tna to_ tok tom tps tre tro try ts. ts/ ttr tus ual ub. ubl ude uer uid uil uir ule \
        ume unc und upd urc ure url uth uti uui var vat wai war web whe x00 ync you",
    ),
    (
        100,
        "\
        -co ... .0. .ad .ap .aw .cl .de .en .ex .fi .ge .id .in .io .is .ma .na .ne .or .po .pr .st /bi /ch /re 0.0 \
        202 333 666 === _ac _ap _at _ca _ch _cl _da _di _en _eq _ex _fi _fo _gr _ke _li _lo _me _no _or _ta _ty _us \
        _uu _va _wi ada aff ags ake al_ ale alo amp ani aph arc ark arr ars ary ash ato ava ave bac bal bho bil bin \
        buf byt cac car cas cco ce. ce_ cep cer chi cho cif cip ck_ cko cks cle clo cpu ct_ cte cts cus ddr de_ dec \
        dep dex dic dif dom don dow dre dul e.c e:: e_a e_c e_i e_p e_s e_t eac eam ean ear ebh eci ecr ecu ed. ede \
        eed efe ege egi egr ela eli ell elo emb ems eng env eof epe epl epo epr ept er- er: erc erf es/ es: es_ esh \
        etc eti ets ett evi ewa exc exi fac fai ffe fir fix fla fre ful gan gat ge_ gge gis gle glo gur hal hed hel \
        hem hin hip hod hoo hor hos i/c iab ian ict icy id: ida ied ier iew ify igu ili ils ilt imi in_ ina ink ino \
        inp inu inv io/ iph ipp irs is. is_ isc ise isi itl itn ito its iza ker ket kin kou kub lag lai lan lay lde \
        le. lem lf. lim liz lob lon los ls. lug lus m/b mal mar max may med mi/ mma mmi mmo mou mov mpt mut nab nag \
        nat nco nct ndl nds nec nel nen nes ng. ng_ ngs ngt nin niz nly nno now npu ns. ns: nsa nsi nto oba odi off \
        oft ogg oid old ole oli oma ona onc ong oni onl oot opy or. or_ ora ori ors ota ote oth oul ovi pay pes phe \
        pin plu pod poi pol ppe ppi ppo pty pyr r_i rag rai rap rch re. rem rev rga rid rie rks rna rne roc ron roo \
        rot rov rra rs. rse rst rte rty rul ry. ry_ s.a s.c s.i s.s s/c s:: s_c s_i s_s sac sca sch se. se_ sit sma \
        soc sof sol som sor spr sql ss_ ssu ssw st. sts suc sum swo t.c t_a t_c t_d t_i t_n t_p t_r t_s t_t ta. tac \
        tad tag tan tas te. tea tel th_ thr tia tie til tle toc top tte tti two ube uch uld umb umn uni uns upp ura \
        uri urr usi ut_ uto ved vel vid vie vis voi way whi wil wne wri xce xis xpe xpo xte yme yri yst yte zat",
    ),
];
/// Three bytes with a blank: most words begin or end there.
const WITH_BLANK: u32 = 200;

/// Answers how often three folded bytes stand in a million of source text, roughly.
pub(super) struct Frequencies(BTreeMap<[u8; 3], u32>);

impl Frequencies {
    pub(super) fn new() -> Self {
        let folded =
            |word: &str| word.as_bytes().first_chunk().map(|three: &[u8; 3]| three.map(|byte| byte | FOLD as u8));
        let level = |(often, words): (u32, &'static str)| {
            words.split_ascii_whitespace().filter_map(folded).map(move |three| (three, often))
        };
        Self(COMMON.into_iter().flat_map(level).collect())
    }

    pub(super) fn of(&self, three: u32) -> u32 {
        let [bytes @ .., _] = three.to_le_bytes();
        let rare = || if bytes.contains(&b' ') { WITH_BLANK } else { bytes.iter().map(|byte| letter(*byte)).sum() };
        self.0.get(&bytes).copied().unwrap_or_else(rare)
    }
}

/// How often a folded byte stands in source text, in steps of about one and a half.
const fn letter(byte: u8) -> u32 {
    match byte {
        b'e' | b't' => 12,
        b'a' | b'i' | b'n' | b'o' | b'r' | b's' => 11,
        b'c' | b'd' | b'l' | b'u' | b'p' | b'm' => 10,
        b'f' | b'h' | b'g' | super::UNDERSCORE | b'0' | b'b' => 9,
        b'y' | b'v' | b'k' | b'w' | b'x' | b'1' | b'.' | b'-' | b'/' | b'=' | b':' | b'"' => 7,
        b'2'..=b'9' => 6,
        b'j' | b'q' | b'z' => 4,
        _ => 3,
    }
}
