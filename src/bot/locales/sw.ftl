# Buttons: 20 characters at most
btn-biz = Biashara
btn-cust = Mteja
btn-share = Tuma nambari yangu
btn-send = Tuma ombi
btn-again = Tuma tena
btn-change = Badilisha
btn-skip = Ruka
btn-cancel = Ghairi
btn-receipt = Risiti
btn-refund = Rudisha pesa
btn-one = Rudisha moja
btn-both = Acha zote
btn-me = Ndiyo, ni mimi
btn-wrong = Kuna shida
btn-ask = Omba idhini
btn-withdraw = Ondoa ombi
btn-approve = Idhinisha
btn-details = Maelezo
btn-reject = Kataa
btn-freeze = Simamisha
btn-allow = Ruhusu tena
btn-pause = Sitisha
btn-resume = Endelea
btn-rows = Ona mistari
btn-open = Kagua
btn-list = Chagua

# List rows: 24 characters at most
menu-ask = Omba malipo
menu-send = Tuma pesa
menu-approvals = Idhini
menu-check = Hakiki code ya M-Pesa
menu-today = Leo
menu-history = Historia
menu-balance = Salio
menu-settings = Mipangilio
menu-help = Msaada
what-not-paid-by-me = Sikulipa hii
what-wrong-amount = Kiasi si sahihi
what-no-goods = Sijapata bidhaa
what-else = Jambo lingine

# Start
start = Bot hii huomba malipo ya M-Pesa na kuweka ushahidi. Wewe ni nani?
ask-name = Biashara yako inaitwaje? Wateja wataona jina hili.
biz-ready = {$shop} iko tayari. Jaribu: 500 0712345678 chakula
biz-waits = {$shop} imehifadhiwa. Msimamizi wa bot ataiunganisha kwa: {$cmd}
ask-share = Tuma nambari yako mwenyewe upate risiti hapa. Hatuulizi PIN kamwe.
not-own = Hiyo ni contact ya mtu mwingine. Tumia kitufe.
linked = Risiti za {$phone} zitakuja hapa.
link-moved = Risiti za {$phone} sasa zinaenda kwa chat nyingine. Kama si wewe, tuma nambari yako tena.

# Request. `unread` serves names and codes too
ask-amount = Kiasi gani? Mfano 500 au 1.5k.
unread = Hatukuelewa {$text}. Andika kama {$eg}.
ask-ref = Malipo gani? Andika nambari yetu, mfano P-7KQ4M.
either = {$a} au {$b}?
range = M-Pesa hupokea {$min} hadi {$max} kwa mara moja. Kiasi gani?
ask-phone = Simu gani italipa? Andika nambari, tuma contact au chagua.
foreign = Nambari za Kenya pekee: 07, 01 au +254.
ask-note = Ni ya nini?
note-long = Hadi herufi {$max}; hii ina {$count}. Tafadhali fupisha.
not-text = Hapa tunasoma maandishi tu. {$ask}
confirm =
    {$note}
    Tutume ombi la PIN kwa simu hii?
stopped = Imesimamishwa; hakuna kilichotumwa.

# Payment card
none = Hakuna pesa zilizotoka.
sending = Ombi la PIN linatumwa.
prompted = Ombi la PIN limetumwa, tunasubiri PIN. {$at}
paid =
    Imelipwa kwa {$shop} {$at}. {$code}
    {$note}
follows = Imelipwa {$at}. Nambari ya risiti ya M-Pesa itafuata.
late =
    Imelipwa kwa kuchelewa, {$at}. {$code}
    Awali tulisema: {$was}
cancelled = Imeghairiwa kwenye simu.
wrong-pin = PIN haikulingana.
no-funds = Hakuna pesa za kutosha kwenye M-Pesa.
limit = Imepita kikomo cha M-Pesa; jaribu kiasi kidogo.
off = PIN haikuwekwa kwa wakati, au simu ilikuwa imezimwa.
not-paid = Haijalipwa.
expired = Muda umeisha bila PIN.
duplicate = Haikutumwa: M-Pesa hukataa kiasi kilekile mara mbili ndani ya dakika 2. Jaribu {$next}.
down = Ombi la PIN halikuonekana.
locked = Haikutumwa: simu hii ina ombi lililo wazi tangu {$at}. Jaribu {$next}.
soon = Haikutumwa: M-Pesa hutaka dakika moja kati ya maombi kwa simu moja. Jaribu {$next}.
unknown = Bado hatujui. Usitume ombi lingine. Tutaangalia tena {$next}.
unknown-payer = Bado hatujui. Usilipe tena. Tutaangalia tena {$next}.
unproved = Bado hatujui. Linganisha na taarifa ya M-Pesa.
twice = Imelipwa mara mbili: {$code} na {$code2}. Umepokea {$total}.
mismatch = M-Pesa inaonyesha {$got}. Inakaguliwa; usitoe bidhaa bado.
amount-refused = M-Pesa inaonyesha {$got}, haikupokewa kama malipo haya. Irudishe au kubaliana na mteja.
also-mismatch = M-Pesa pia inaonyesha {$got}. Linganisha na taarifa ya M-Pesa.
also-unproved = Ombi lingine halijathibitishwa. Linganisha na taarifa ya M-Pesa.
receipt-used = {$code} tayari ni ya malipo mengine. Linganisha na taarifa ya M-Pesa.
contradiction = Imelipwa {$at}. {$code}
    Baadaye M-Pesa ilisema vingine. Linganisha na taarifa ya M-Pesa.
refused = Haikutumwa: {$why}.
refunded = Zimerudishwa {$done} {$at}, {$code}

# Receipts in chat; the merchant's is `paid`
prompt-note = {$amount} kwa {$shop}: weka PIN kwenye ombi la simu yako, kamwe si hapa.
to-customer = Risiti ya malipo, si ankara ya kodi.
kept = {$shop} sasa inajua: {$what}.
pin-typed = Kama hiyo ni PIN yako, ifute. Hatuihifadhi.
told = Mteja anasema: {$what}.
undelivered = Mteja hakupata risiti. Mwonyeshe {$link}

# SMS, GSM-7 only
sms-customer = {$amount} imelipwa kwa {$shop}, {$at}. {$code}. Nambari yetu {$ref}. Risiti ya malipo, si ankara ya kodi.
sms-merchant = {$amount} kutoka {$phone} kwa {$shop}, {$at}. {$code}. {$ref}, {$note}
sms-payee = {$amount} imetumwa kwako na {$shop}, {$at}. {$code}. Sababu: {$note}. Nambari yetu {$ref}.

# Payout
charge = Na gharama ya kutoa {$total}, bila {$amount}?
po-confirm =
    {$why}
    Gharama {$fee}. Float {$float}, kisha {$after}.
    Simu hii awali: {$was}
resend = Tayari ilitumwa {$at}, {$ref2}. Ili kutuma tena, andika sababu.
waiting = Inasubiri idhini ya {$who}, hadi {$end}.
approval = {$by} anaomba, hadi {$end}.
digits = Andika tarakimu 4 za mwisho za simu ili kuidhinisha.
digits-no = Tarakimu hazilingani; haijaidhinishwa. Majaribio yaliyobaki: {$left}
own = Wewe ndiye uliyeomba; mwingine ataidhinisha.
alone = Unaidhinisha peke yako, hadi {$limit} kwa siku. Andika {$word}.
approved = Imeidhinishwa na {$who} {$at}. Inatumwa.
sent =
    Imetumwa {$at}. {$code}
    Aliomba {$by}, aliidhinisha {$who}.
why = Kwa nini? {$by} ataona jibu.
rejected = Imekataliwa na {$who}: {$why}.
lapsed = Haikuidhinishwa hadi {$end}. Omba tena ikihitajika.
voided = Maelezo yalibadilika; idhini imefutwa.
po-unknown = Bado hatujui. Usitume tena. Tutaangalia tena {$next}.
reversed = Ilitumwa {$sent}, M-Pesa ikairudisha {$at}. Mpokeaji hana tena pesa hizi.
give-back = {$ref}: zililipwa {$paid}, zimerudishwa {$done}. Urudishe kiasi gani?
freeze-ask = Tusimamishe utumaji wote wa pesa sasa?
frozen = {$who} amesimamisha kutuma pesa {$at}, maombi {$count} yanasubiri. Mmiliki pekee huruhusu.
unfrozen = {$who} ameruhusu tena kutuma pesa {$at}.
bulk-dry =
    {$file}: mistari {$rows}, {$total}, gharama {$fee}
    Tayari {$ok}, haisomeki {$bad}, mara mbili {$dup}, hivi karibuni {$old}, mpya {$new}
bulk-run = {$done} kati ya {$rows}: {$sent} imetumwa, {$not} haikutumwa, {$open} bado hatujui.
bulk-file = Tuma CSV au XLSX yenye simu na kiasi kila mstari.

# Verify, help, day
ver-ask = Andika code ya M-Pesa, mfano TFH774CBH1.
genuine = {$code} ni ya kweli: {$amount} kutoka {$phone}, {$at}, {$ref}.
used = {$code} ilitumika {$at} kwa {$ref}. Usitoe bidhaa tena kwa code hii.
differs = {$code} ni ya {$amount}, si {$said}.
stranger = {$code} hatuijui. Angalia ujumbe wako wa M-Pesa.
help =
    500 0712345678 chakula huomba malipo
    /payout hutuma pesa
    /verify huhakiki code
    Hatuulizi PIN kamwe.
day =
    {$shop}, {$date}
    Zilizoingia {$in} ({$count}), zilizotumwa {$out}, zilizorudishwa {$back}
    Bado hatujui {$open}, za kukagua {$review}
    Ukaguzi {$head}

# In the way
role = Hii ni ya {$role}. Mwulize {$who}.
old-card = Kadi hii ni ya zamani. Hii ndiyo ya sasa.
not-yours = Kadi hii ni ya mtu mwingine.
tries = Majaribio yamezidi. Hakuna kilichotumwa. Jaribu {$next}.
no-ref = Hakuna {$ref} kwenye {$shop}.
service-down = Huduma imesimama. Ujumbe wako umehifadhiwa na utajibiwa.
broke = Kuna hitilafu upande wetu. Hakuna kilichotumwa. Jaribu tena.

# WhatsApp templates, UTILITY, en | sw
receipt_customer = Malipo yako ya {"{{1}}"} kwa {"{{2}}"} yamepokelewa {"{{3}}"}. Risiti ni {"{{4}}"}, nambari yetu ni {"{{5}}"}. Hii ni risiti ya malipo, si ankara ya kodi.
receipt_merchant = Malipo ya {"{{1}}"} kutoka {"{{2}}"} yamepokelewa {"{{3}}"}. Nambari ya risiti ni {"{{4}}"}, nambari yetu ni {"{{5}}"}. Fungua ili kuona maelezo yote.
approval_wanted = Ombi la kutuma {"{{1}}"} kwa {"{{2}}"} linasubiri idhini yako. Mwombaji ni {"{{3}}"}, nambari {"{{4}}"}; litafungwa {"{{5}}"}. Fungua ili kuidhinisha au kukataa.

# Commands, in the chat's menu: 60 characters at most
cmd-start = Anza hapa
cmd-help = Yanayofanya kazi hapa
cmd-request = Omba malipo
cmd-history = Malipo, mapya kwanza
cmd-status = Malipo moja, kwa nambari yake
cmd-review = Malipo ya kulinganisha na taarifa
cmd-settings = SMS za wateja na lugha
cmd-language = Kiswahili au English
cmd-switch = Chagua biashara nyingine
cmd-cancel = Acha kilicho wazi hapa

# Entry: what is asked before anything is done
either-one = Unamaanisha {$a}?
which-phone = Simu ipi kati ya hizi?
which-name = {$name} yupi?
no-name = Bado hatumjui {$name}. Simu gani italipa?
ask-or-send = Uombe pesa hizi, au uzitume?
refund-which = Malipo gani? Andika nambari yake, mfano P-7KQ4M.

# People and businesses
role-owner = mmiliki
role-manager = meneja
role-cashier = keshia
role-viewer = mtazamaji
member-hello = {$shop}: wewe ni {$role}. Jaribu: 500 0712345678 chakula
no-business = Bado huna biashara hapa. /start hufungua biashara, au huunganisha nambari yako kwa risiti.
switch-ask = Biashara gani?
switched = Sasa unafanya kazi kwenye {$shop}.
help-member =
    500 0712345678 chakula huomba malipo
    /history na /status huonyesha malipo
    /review huonyesha ya kulinganisha, /settings hupanga SMS na lugha
    Hatuulizi PIN kamwe.

# Settings and language
settings =
    {$shop}
    SMS kwa wateja: {$sms ->
        [on] zimewashwa
       *[off] zimezimwa
    }
    Lugha: {$language ->
        [sw] Kiswahili
       *[en] English
    }
btn-sms-on = Washa SMS za wateja
btn-sms-off = Zima SMS za wateja
btn-english = English
btn-kiswahili = Kiswahili
language-ask = Kiswahili au English?
language-set = Tutaandika kwa Kiswahili hapa.

# History and status
history-head = {$shop}: malipo, mapya kwanza
history-empty = Bado hakuna malipo. Jaribu: 500 0712345678 chakula
status-line = {$amount} · {$phone} · {$ref} · {$state} {$at}
state-created = bado haijatumwa
state-sending = inatumwa
state-prompted = inasubiri PIN
state-paid = imelipwa
state-cancelled = imeghairiwa
state-failed = haijalipwa
state-expired = muda umeisha
state-unknown = bado hatujui
state-review = ya kukagua
btn-newer = Mapya
btn-older = Ya zamani
code-follows = Code ya M-Pesa: angalia SMS yako ya M-Pesa

# Review
review-head = Ya kukagua: {$count}
review-empty = Hakuna cha kukagua. Tusichoweza kuthibitisha huja hapa.
review-ask = Linganisha na taarifa ya {$gateway}. Je, hii ililipwa?
btn-was-paid = Ililipwa
btn-not-paid = Haikulipwa
btn-later = Baadaye
btn-keep = Acha ilivyo
review-code = Andika code ya M-Pesa iliyo kwenye taarifa, mfano TFH774CBH1.
review-accept = Tuliomba {$amount}, M-Pesa inaonyesha {$got}. Upokee {$got} kama malipo?
btn-accept-amount = Pokea kiasi hiki
review-marked-paid = {$who} amethibitisha kuwa ililipwa {$at}.
review-marked-not-paid = {$who} amethibitisha kuwa haikulipwa {$at}.
code-used = {$code} tayari imetumika kwa {$ref}. Andika nyingine, au iache hadi baadaye.

# Alerts to managers
alert-head = Aliyeomba: {$by}
other-amount = {$ref}: tuliomba {$amount}, M-Pesa inaonyesha {$got}. Usitoe bidhaa bado; fungua /review.
account-stopped = {$gateway} haipokei maombi kwa sasa: {$why}.

# Why something was not sent, inside `refused` and `account-stopped`: no capital, no full stop
why-no-service-tokens = akaunti ya gateway imeishiwa token; nunua token, kisha tuma tena
why-reference-refused = gateway haikukubali nambari yetu; tuma tena, tutaweka mpya
why-phone-refused = gateway haikukubali simu hii; hakiki nambari au tumia nyingine
why-channel-inactive = Till au Paybill hii imezimwa kwenye gateway; omba gateway iiwashe
why-credentials-refused = gateway haikukubali funguo zetu; mwombe msimamizi wa bot aweke mpya
why-request-refused = gateway haikukubali ombi; hakiki kiasi na simu, kisha tuma tena
why-gateway-unreachable = gateway haipatikani; tuma tena baada ya dakika chache
why-misconfigured = akaunti ya gateway haijakamilika; mwombe msimamizi wa bot aikamilishe
why-busy = simu hii ina shughuli nyingine ya M-Pesa; tuma tena baada ya dakika 2
why-duplicate = M-Pesa hukataa kiasi kilekile mara mbili ndani ya dakika 2; tuma tena baadaye kidogo
why-provider-down = M-Pesa haijibu; tuma tena baada ya dakika chache
why-not-given = gateway haikutoa sababu; mwombe msimamizi wa bot akague akaunti
why-marked-not-paid = mtu alilinganisha taarifa, hakukuta malipo; tuma tena kama bado yanadaiwa
why-too-late = ilisubiri hapa muda mrefu mno; tuma tena kama bado inadaiwa
often = Haikutumwa: simu hii iliombwa mara kadhaa kwa dakika chache. Jaribu {$next}.
resting = Haikutumwa: gateway haipokei maombi mapya kwa sasa. Jaribu {$next}.
account-resting = {$gateway} haijibu. Maombi mapya yatasubiri hadi {$next}; yaliyotumwa yanakaguliwa.
setup-is = Pesa huingia hapa: {$where}
setup-changed = Sasa {$gateway} huingiza pesa zako hapa: {$where}
    Awali: {$was}
    Kama si wewe uliyebadilisha, mwulize msimamizi wa bot mara moja.
why-gateway-busy = gateway haipokei maombi zaidi kwa sasa; tuma tena baada ya dakika 5
why-account-blocked = gateway imesimamisha akaunti hii; iombe gateway iifungue tena
why-plan-used-up = mpango wa akaunti kwenye gateway umeisha; uuongeze, kisha tuma tena

# What does not work here
no-gateway = {$shop} bado haiwezi kuomba pesa. Msimamizi wa bot ataiunganisha kwa: {$cmd}
cannot-yet = Hilo bado hatuwezi. /help huonyesha yanayofanya kazi leo.
unknown-command = Hatujui {$text}. /help huonyesha yanayofanya kazi.
nothing-to-cancel = Hakuna cha kughairi hapa. Jaribu: 500 0712345678 chakula
