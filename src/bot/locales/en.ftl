# Buttons: 20 characters at most
btn-biz = A business
btn-cust = A customer
btn-share = Share my number
btn-send = Send prompt
btn-again = Send again
btn-change = Change
btn-skip = Skip
btn-cancel = Cancel
btn-receipt = Receipt
btn-refund = Refund
btn-one = Refund one
btn-both = Keep both
btn-me = It was me
btn-wrong = Something is wrong
btn-ask = Ask for approval
btn-withdraw = Withdraw
btn-approve = Approve
btn-details = Details
btn-reject = Reject
btn-freeze = Stop payouts
btn-allow = Allow payouts
btn-pause = Pause
btn-resume = Resume
btn-rows = See rows
btn-open = Review
btn-list = Choose
btn-back = Back
btn-unlink = Stop receipts
btn-link = Receipts here
btn-settled = Settled

# List rows: 24 characters at most
menu-ask = Ask for a payment
menu-send = Send money
menu-approvals = Approvals
menu-check = Check an M-Pesa code
menu-today = Today
menu-history = History
menu-balance = Balance
menu-settings = Settings
menu-help = Help
what-not-paid-by-me = I did not pay this
what-wrong-amount = The amount is wrong
what-no-goods = I did not get my goods
what-else = Something else

# Start
start =
    This bot asks for M-Pesa payments and keeps proof. Who are you?
    Kiswahili: andika "lugha"
ask-name = What is your business called? Customers will see it.
biz-ready = {$shop} is ready. Try: 500 0712345678 lunch
biz-waits = {$shop} is saved. Whoever runs the bot connects it with: {$cmd}
ask-share = Share your own number for receipts here. We never ask for your PIN.
not-own = That is another person's contact. Use the button.
linked = Receipts for {$phone} will come here.
link-moved = Receipts for {$phone} now go to another chat. If that was not you, share your number again.
link-changed = Receipts for {$phone} will come here, those for {$old} no longer.
link-shown = Receipts for {$phone} come here. To change the number, share your own contact.
unlinked = Receipts for {$phone} no longer come here. /start links a number again.
own-contact = This is your own number. Get its receipts here, or ask it for a payment?

# Request. `unread` serves names and codes too
ask-amount = How much? For example 500 or 1.5k.
unread = We could not read {$text}. Write it like {$eg}.
ask-ref = Which payment? Type our number, for example P-7KQ4M.
either = {$a} or {$b}?
range = M-Pesa takes {$min} to {$max} at a time. How much?
ask-phone = Which phone pays? Type it, share a contact or pick one.
foreign = Kenyan numbers only: 07, 01 or +254.
ask-note = What is it for?
note-long = At most {$max} letters; this has {$count}. Please shorten it.
not-text = Only text works here. {$ask}
confirm =
    {$note}
    Send the PIN prompt to this phone?
draft =
    {$note}
    Not sent yet. Only {$by} can send it.
stopped = Stopped; nothing was sent.

# Payment card
none = No money moved.
sending = Sending the prompt.
prompted = Prompt sent, waiting for the PIN. {$at}
paid =
    Paid to {$shop} {$at}. {$code}
    {$note}
follows = Paid {$at}. M-Pesa receipt number follows.
late =
    Paid late, {$at}. {$code}
    Earlier we said: {$was}
cancelled = Cancelled on the phone.
wrong-pin = The PIN did not match.
no-funds = Not enough money in M-Pesa.
limit = Above an M-Pesa limit; try less.
off = No PIN in time, or the phone was off.
not-paid = Not paid.
expired = No PIN in time.
duplicate = Not sent: M-Pesa refuses the same amount twice in 2 minutes. Try {$next}.
down = The prompt could not be shown.
locked = Not sent: this phone has a prompt open since {$at}. Try {$next}.
soon = Not sent: M-Pesa wants a minute between prompts to one phone. Try {$next}.
unknown = We do not know yet. Send no other prompt. Next check {$next}.
unknown-payer = We do not know yet. Do not pay again. Next check {$next}.
unproved = We still do not know. Compare with the M-Pesa statement.
twice = Paid twice: {$code} and {$code2}. You received {$total}.
twice-one = Paid twice: {$code}; the other receipt number follows. You received {$total}.
twice-none = Paid twice; the receipt numbers follow. You received {$total}.
twice-link = Paid twice: this and {$ref} are two payments of a link for one. You received {$total}. Keep both, or give one back.
link-paid = Not sent: this link is for one payment, and another phone has paid it. /history shows it.
link-open = Not sent: this link is for one payment, and another prompt of it is open. Send again when it is over.
mismatch = M-Pesa shows {$got}. Under review; hold the goods.
amount-refused = M-Pesa shows {$got}, not taken as this payment. Give it back or agree with the customer.
also-mismatch = M-Pesa also shows {$got}. Compare with the M-Pesa statement.
also-unproved = Another prompt is not proved. Compare with the M-Pesa statement.
receipt-used = {$code} already belongs to another payment. Compare with the M-Pesa statement.
contradiction = Paid {$at}. {$code}
    Later M-Pesa told us otherwise. Compare with the M-Pesa statement.
refused = Not sent: {$why}.
refunded = Refunded {$done} {$at}, {$code}

# Receipts in chat; the merchant's is `paid`
prompt-note = {$amount} to {$shop}: type the PIN in your phone's prompt, never here.
to-customer = Payment receipt, not a tax invoice.
kept = {$shop} now knows: {$what}.
pin-typed = If that was your PIN, delete it. We do not keep it.
told = The customer says: {$what}.
receipt-above = The receipt is above; it came a moment ago.
you-said = You said: {$what}.
ask-wrong = What is wrong? {$shop} will see your answer.
customer-seen = {$shop} has seen what you said: {$what}.
undelivered = The customer did not get the receipt. Show {$link}
undelivered-unknown = We do not know if the customer got the receipt. Show {$link}
balance-low = {$gateway}: {$left} left for SMS and prompts. Buy tokens before they end.
units-low = {$gateway}: {$what}. Renew the plan before they run out.
balance-ended = {$gateway}: too few tokens for SMS and prompts. Buy tokens, then send again.

# The receipt as a document
doc-title = Payment receipt
doc-paid = Paid
doc-review = Under review
doc-refunded = Refunded
doc-part-refunded = Refunded in part
doc-code = M-Pesa receipt
doc-ref = Our number
doc-at = Paid at
doc-payer = Paid by
doc-note = For
doc-through = Through
doc-back = Refunded
doc-follows = The number follows
doc-in-sms = See your M-Pesa SMS
doc-scan = Scan to check. It is genuine only if the page says the same.
doc-letters = Some letters could not be printed; the page shows them.
doc-caption = {$amount} to {$shop} · {$ref}

# SMS, GSM-7 only
sms-customer = {$amount} paid to {$shop}, {$at}. {$code}. Our number {$ref}. Payment receipt, not a tax invoice.
sms-merchant = {$amount} from {$phone} to {$shop}, {$at}. {$code}. {$ref}, {$note}
sms-payee = {$amount} sent to you by {$shop}, {$at}. {$code}. For: {$note}. Our number {$ref}.
sms-approval = {$amount} to {$phone} waits for your approval until {$end}. {$shop}, {$ref}. Write "approvals" to us on WhatsApp.
sms-reversed = {$amount} to {$phone}: M-Pesa took it back, the payee has it no more. {$shop}. Write "status {$ref}" to us on WhatsApp.
sms-look = {$amount}, {$phone}: a person must look at this. {$shop}. Write "status {$ref}" to us on WhatsApp.
sms-stopped = {$gateway} takes no requests now. {$shop}. Write to us on WhatsApp to see why.

# Payout
charge = With the withdrawal charge {$total}, without {$amount}?
po-confirm =
    {$why}
    Fee {$fee}. Float {$float}, then {$after}.
    This phone before: {$was}
resend = Already sent {$at}, {$ref2}. To send it again, write why.
waiting = Waiting for approval by {$who}, until {$end}.
approval = {$by} asks, until {$end}.
digits = Type the phone's last 4 digits to approve.
digits-no = These digits differ; not approved. Tries left: {$left}
own = You asked for this; another member approves it.
alone = You approve alone, up to {$limit} a day. Type {$word}.
approved = Approved by {$who} {$at}. Sending.
sent =
    Sent {$at}. {$code}
    Asked by {$by}, approved by {$who}.
why = Why? {$by} will see it.
rejected = Rejected by {$who}: {$why}.
lapsed = No approval by {$end}. Ask again if still due.
voided = Details changed; the approval is void.
po-unknown = We do not know yet. Do not send again. Next check {$next}.
reversed = Sent {$sent}, taken back by M-Pesa {$at}. The payee no longer has it.
give-back = {$ref}: paid {$paid}, refunded {$done}. Refund how much?
freeze-ask = Stop every payout now?
freeze-kept = Payouts go on as before.
frozen = Payouts stopped by {$who} {$at}, {$count} on hold, {$sum}. Only an owner allows them.
unfrozen = Payouts allowed again by {$who} {$at}.
bulk-dry =
    {$file}: {$rows} rows, {$total}, fees {$fee}
    Ready {$ok}, unreadable {$bad}, twice {$dup}, sent lately {$old}, new {$new}
bulk-run = {$done} of {$rows}: {$sent} sent, {$not} not sent, {$open} not known yet.
bulk-file = Send CSV or XLSX with phone and amount in each row.

# Verify, help, day
ver-ask = Type the M-Pesa code, for example TFH774CBH1.
genuine = {$code} is genuine: {$amount} from {$phone}, {$at}, {$ref}.
used = {$code} was used {$at} for {$ref}. Give no goods on it again.
differs = {$code} is for {$amount}, not {$said}.
stranger = {$code} is not known to us. Check your own M-Pesa messages.
ver-again = You checked it at {$at}; it is the same payment.
ver-shown = Shown as paid to {$who} at {$at}; ask before giving goods.
ver-shown-you = Your own card showed it paid at {$at}; look before giving goods again.
ver-old = Goods may be out already for {$ref}; look before giving more.
ver-unlike = {$code} was paid {$at} from {$phone}; the text says otherwise. Give no goods on it.
ver-back = {$code}: {$back} of {$amount} was given back, {$ref}. Give no goods on it.
ver-person = {$code}: a person entered it for {$ref}, {$amount}. Compare with the M-Pesa statement.
ver-unsigned = {$code}: the gateway has not confirmed it for {$ref}, {$amount}. Compare with the M-Pesa statement.
ver-stand-in = {$code} is no M-Pesa code. The code of {$ref} follows; see the customer's M-Pesa SMS.
ver-doubt = {$code} came for {$ref}, which is under review. Hold the goods; compare with the M-Pesa statement.
ver-unmatched = {$code} reached us, but for no payment that you asked for. Compare with the M-Pesa statement.
ver-asking = {$code} is not known to us yet. We are asking about {$refs}; hold the goods until its card says paid.
ver-near = {$code} is not known to us. Did you mean {$near}? Type it to check.
ver-own = {$code} is your payment: {$amount} to {$shop}, {$at}, {$ref}.
help =
    500 0712345678 lunch asks for a payment
    /payout sends money
    /verify checks a code
    We never ask for your PIN.
day =
    {$shop}, {$date}
    In {$in} ({$count}), out {$out}, refunds {$back}
    Not known yet {$open}, to review {$review}
    Audit {$head}

# In the way
role = This is for {$role}. Ask {$who}.
old-card = This card is old. Here is the current one.
old-question = That question is over; nothing was changed.
not-yours = This card is for someone else.
tries = Too many tries. Nothing was sent. Try {$next}.
no-ref = There is no {$ref} in {$shop}.
service-down = We are down. Your message is kept and will be answered.
broke = Something broke on our side. Nothing was sent. Try again.

# WhatsApp templates, UTILITY, en | sw
receipt_customer = Your payment of {"{{1}}"} to {"{{2}}"} was received on {"{{3}}"}. Receipt {"{{4}}"}, our number {"{{5}}"}. This is a payment receipt, not a tax invoice.
receipt_merchant = A payment of {"{{1}}"} from {"{{2}}"} was received on {"{{3}}"}. Receipt {"{{4}}"}, our number {"{{5}}"}. Open it to see the details.
approval_wanted = A payout of {"{{1}}"} to {"{{2}}"} waits for your approval. It was asked by {"{{3}}"}, number {"{{4}}"}, and closes at {"{{5}}"}. Open it to decide.

# Commands, in the chat's menu: 60 characters at most
cmd-start = Start here
cmd-help = What works here and how
cmd-request = Ask for a payment
cmd-history = Payments, newest first
cmd-status = One payment, by its number
cmd-verify = Check an M-Pesa code
cmd-review = What to compare with the statement
cmd-settings = SMS, language and payout limits
cmd-balance = Balance and how the gateway does
cmd-language = English or Kiswahili
cmd-switch = Choose another business
cmd-cancel = Leave what is open here

# Entry: what is asked before anything is done
either-one = Do you mean {$a}?
which-phone = Which of these phones?
which-name = Which {$name}?
no-name = We know no {$name} yet. Which phone pays?
ask-or-send = Ask for this money, or send it?
refund-which = Which payment? Type its number, for example P-7KQ4M.

# People and businesses
role-owner = an owner
role-manager = a manager
role-cashier = a cashier
role-viewer = a viewer
member-hello = {$shop}: you are {$role}. Try: 500 0712345678 lunch
no-business =
    You are in no business here yet. /start opens one, or links your number for receipts.
    Kiswahili: andika "lugha"
help-customer =
    Receipts for what you pay come here: /start links your number
    Under a receipt you can say if something is wrong
    Kiswahili: andika "lugha"
    We never ask for your PIN.
help-linked =
    Receipts for {$phone} come here; /start changes that
    Under a receipt you can say if something is wrong
    Kiswahili: andika "lugha"
    We never ask for your PIN.
switch-ask = Which business?
switched = You now work in {$shop}.
help-viewer =
    /history and /status show payments, /verify checks a code
    Kiswahili: andika "lugha"
    We never ask for your PIN.
help-cashier =
    500 0712345678 lunch asks for a payment, /link makes a link
    /history and /status show payments, /verify checks a code
    Kiswahili: andika "lugha"
    We never ask for your PIN.
help-manager =
    500 0712345678 lunch asks for a payment, /link makes a link
    /history and /status show payments, /verify checks a code
    /payout sends money, /approvals shows what waits for a yes, /freeze stops every payout
    Many at once: {bulk-file}
    /review shows what to compare, /today the day so far, /balance what is left
    Kiswahili: andika "lugha"
    We never ask for your PIN.
help-owner =
    500 0712345678 lunch asks for a payment, /link makes a link
    /history and /status show payments, /verify checks a code
    /payout sends money, /approvals shows what waits for a yes, /freeze stops every payout
    Many at once: {bulk-file}
    /review shows what to compare, /today the day so far, /balance what is left
    /staff shows who works here, /settings sets SMS, limits and language
    Kiswahili: andika "lugha"
    We never ask for your PIN.

# Settings and language
settings =
    {$shop}
    SMS to customers: {$sms ->
        [on] on
       *[off] off
    }
    SMS to the shop: {$own ->
        [off] off
       *[other] {$own}
    }
    Language: {$language ->
        [sw] Kiswahili
       *[en] English
    }
btn-account = Another account
btn-sms-on = Customer SMS on
btn-sms-off = Customer SMS off
btn-own-sms-on = Shop SMS on
btn-own-sms-off = Shop SMS off
own-sms-ask = Which phone gets an SMS for each payment? Type it or share your own.
own-sms-on = We send each payment by SMS to {$phone}. /settings turns it off.
own-sms-off = We send no more SMS to the shop.
btn-english = English
btn-kiswahili = Kiswahili
language-ask = English or Kiswahili?
language-set = We will write in English here.

# History and status
history-head = {$shop}: payments, newest first
history-empty = No payments yet. Try: 500 0712345678 lunch
status-line = {$amount} · {$phone} · {$ref} · {$state} {$at}
state-created = not sent yet
state-sending = sending
state-prompted = waiting for the PIN
state-paid = paid
state-cancelled = cancelled
state-failed = not paid
state-expired = no PIN in time
state-unknown = not known yet
state-review = to review
btn-newer = Newer
btn-older = Older
code-unconfirmed = not confirmed by the gateway
code-follows = M-Pesa code: see your M-Pesa SMS
nameless-shop = the shop

# Review
review-head = To review: {$count}
review-empty = Nothing to review. What we cannot prove comes here.
review-ask = Compare with the statement of {$gateway}. Was this paid?
btn-was-paid = It was paid
btn-not-paid = It was not paid
btn-later = Later
btn-keep = Keep as it is
review-code = Type the M-Pesa code on the statement, for example TFH774CBH1.
review-accept = Asked {$amount}, M-Pesa shows {$got}. Take {$got} as the payment?
review-customer = The customer says: {$what}. Speak with them, then settle it here. The payment stays paid.
review-settled = Settled by {$who} {$at}. The customer hears that you have seen it.
btn-accept-amount = Take this amount
review-marked-paid = Marked paid by {$who} {$at}.
review-marked-not-paid = Marked not paid by {$who} {$at}.
code-used = {$code} is already used for {$ref}. Type another, or leave this for later.
code-used-elsewhere = {$code} is the code of another payment. Type the one on your statement, or leave this for later.

# Alerts to managers
alert-head = Asked by {$by}
other-amount = {$ref}: asked {$amount}, M-Pesa shows {$got}. Hold the goods and open /review.
account-stopped = {$gateway} takes no requests now: {$why}.

# Why something was not sent, inside `refused` and `account-stopped`: no capital, no full stop
why-no-service-tokens = the gateway account has no tokens left; buy tokens, then send again
why-reference-refused = the gateway did not take our number; send again, with a new one
why-phone-refused = the gateway does not take this phone; check the number or use another
why-channel-inactive = this Till or Paybill is off at the gateway; ask the gateway to turn it on
why-credentials-refused = the gateway did not accept our keys; ask whoever runs the bot for new ones
why-request-refused = the gateway did not take the request; check amount and phone, then send again
why-gateway-unreachable = the gateway cannot be reached; send again in a few minutes
why-misconfigured = the gateway account is not set up fully; ask whoever runs the bot to finish it
why-busy = this phone is busy with another M-Pesa request; send again in 2 minutes
why-duplicate = M-Pesa refuses the same amount twice in 2 minutes; send again a little later
why-provider-down = M-Pesa is not answering; send again in a few minutes
why-not-given = the gateway gave no reason; ask whoever runs the bot to look at the account
why-marked-not-paid = a person compared the statement and found no payment; send again if it is still due
why-too-late = it waited too long here; send it again if it is still due
balance-asking = We are asking the gateway. The answer comes here.
balance-is = {$what} ({$at})
balance-none = This gateway tells no balance.
balance-silent = The gateway did not tell its balance just now. Ask again in a few minutes.
balance-stopped = Stopped: it takes no prompts until whoever runs the bot has checked it.
balance-resting = Rests: new prompts wait until {$next}.
balance-health = 24 hours: {$paid} paid, answer in {$seconds}, not known yet {$unknown}
balance-no-account = No gateway is connected yet.
balance-service = Prepaid
balance-float = Float
balance-wallet = Wallet
balance-sms = SMS left
balance-calls = Prompts left
why-float-too-low = the float is too low; fill it, then ask again
why-payee-refused = M-Pesa does not take this payee; check the number
via = Through {$account}
refund-none-left = All of {$ref} has gone back, or is on its way back.
refund-too-little = What is left of {$ref} is less than M-Pesa sends. Give it back by hand.
refund-range = {$min} to {$max} can go back. How much?
refund-note = Refund of {$ref}
group-named = Payouts of {$shop} that wait for approval are shown here too, with phones masked. Only members who may approve can decide. Type /approvals here again to stop.
group-stopped = Payouts of {$shop} are not shown here any more.
often = Not sent: this phone was asked several times in a few minutes. Try {$next}.
resting = Not sent: the gateway takes no new prompts just now. Try {$next}.
account-resting = {$gateway} does not answer. New prompts wait until {$next}; what was sent is looked up.
topup-service = {$gateway}: {$amount} was added for SMS and prompts.
topup-float = {$gateway}: {$amount} was added to the float.
settings-account = Requests go through: {$account}
setup-is = Money lands here: {$where}
setup-changed = {$gateway} now lands your money here: {$where}
    Before: {$was}
    If that was not you, ask whoever runs the bot at once.
unasked =
    {$amount} from {$payer} came to {$gateway}. {$code}, account {$account}.
    Nobody asked for it here, and it is not proved. Compare with the M-Pesa statement.
unasked-somebody = a customer
unasked-list =
    Nobody asked for it here, and it is not proved: {$count}, {$sum}
    {$list}
    Compare with the M-Pesa statement.
unasked-line = {$amount} from {$payer}, {$at}, {$gateway}. {$code}, account {$account}
unasked-compared = {$who} compared {$count} with the statement, {$sum}, {$at}. /verify still finds each by its code.
unasked-none = Nothing is left to compare here.
btn-compared = Compared
why-gateway-busy = the gateway takes no more prompts just now; send again in 5 minutes
why-account-blocked = the gateway has stopped this account; ask the gateway to open it again
why-plan-used-up = the account's plan at the gateway is used up; renew it, then send again

# What does not work here
no-gateway = {$shop} cannot ask for money yet. Whoever runs the bot connects it with: {$cmd}
cannot-yet = We cannot do that yet. /help shows what works today.
unknown-command = We do not know {$text}. /help shows what works.
nothing-open = There is nothing to cancel here. /help shows what works.
nothing-to-cancel = There is nothing to cancel here. Try: 500 0712345678 lunch

# Payment links, for the shop
cmd-link = Make a payment link
btn-any = Any amount
btn-links = Open links
btn-once = Once
btn-many = Many times
btn-days-1 = 1 day
btn-days-7 = 7 days
btn-days-30 = 30 days
btn-close-link = Close the link
link-amount = How much should the link ask for? For example 500.
link-any = any amount
link-ask-once = Is the link for one payment, or for many?
link-ask-life = How long does it stay open?
link-head = Payment link: {$amount} to {$shop}
link-once = For one payment, open until {$end}.
link-many = For many payments, open until {$end}.
link-in-telegram = In Telegram: {$link}
link-in-whatsapp = In WhatsApp: {$link}
link-closed = The link is closed. /link makes another.
by-link = By a payment link.

# Payment links, for the customer
pay-amount = How much do you pay {$shop}? For example 500.
pay-share =
    {$shop} asks for {$amount}. Share your own number to pay, or type it.
    Receipts for a shared number come here. We never ask for your PIN.
pay-confirm =
    {$note}
    {$amount} to {$shop} from {$phone}.
    Send the PIN prompt to this phone?
pay-press = Use the buttons above; /cancel stops.
pay-sent =
    Sending the prompt. Type the PIN on your phone, never here.
    Follow it: {$link}
pay-phone-moved = Nothing was sent: {$phone} is no longer linked to this chat. Open the link again to share your number.
pay-no-link = We do not know this link. Ask the shop for a new one.
pay-expired = This link was open until {$end}. Ask {$shop} for a new one.
pay-closed = {$shop} closed this link. Ask for a new one.
pay-paid = This link is for one payment, and {$shop} has it. Do not pay again.
pay-open-prompt = A prompt of this link is open. Answer it on the phone, or open the link again when it is over.
pay-held = Not sent: this phone had a prompt a moment ago. Open the link again {$next}.
pay-limited = Not sent: too many prompts just now. Open the link again {$next}.
pay-quiet = Not sent: two prompts to this phone came to nothing, so links leave it alone until {$next}. {$shop} can still ask you from its own side.
pay-stopped = Not sent: {$shop} cannot ask for M-Pesa money just now. Ask at the shop.

# Payouts, beyond the copy of the card
cmd-payout = Send money, after another member's yes
cmd-approvals = Payouts that wait for a yes
cmd-freeze = Stop every payout at once
btn-payouts = Payouts
btn-limits = Payout limits
btn-alone-on = Alone mode on
btn-alone-off = Alone mode off
po-no-gateway = {$shop} cannot send money yet. Whoever runs the bot connects an account that can: {$cmd}
po-range = Payouts here are {$min} to {$max} each. How much?
po-ask-phone = Which phone gets the money? Type it, share a contact or pick one.
po-fee-later = known after sending
po-was-none = nothing yet
po-was = {$count}, last {$amount} {$at}
po-was-open = not known yet: {$amount}, {$ref2}
po-was-opens = not known yet: {$count}, last {$amount}, {$ref2}
po-charge = {$net} and {$charge} withdrawal charge (M-Pesa tariff of {$of}).
po-charge-off = Without the withdrawal charge of {$charge}; with it {$total}.
btn-charge = Add charge {$charge}
btn-no-charge = Without the charge
po-confirm-bare =
    {$why}
    Fee {$fee}. Float not known yet.
    This phone before: {$was}
po-again = Sent again because: {$why}
resend-open = Already asked {$at}, {$ref2}. To ask for it again, write why.
resend-unknown = Not known yet: {$ref2}, sent {$at}. It may still be paid. To send it again, write why.
po-nobody = Nobody else can approve here. An owner adds a member with /staff, or turns on alone mode in /settings.
po-taken = M-Pesa has it since {$at}; its answer follows.
po-held = Approved by {$who} {$at}. On hold: payouts are stopped.
po-withdrawn = {$by} took it back.
po-approver-left = {$who} approved it and may no longer do so. Ask again if still due.
po-approval-lapsed = {$who} approved it more than a day ago, and it was not sent. Ask again if still due.
po-asker-left = {$who} asked for it and may no longer do so. If it is still due, another member asks anew.
po-asker-gone = Whoever asked for it may no longer do so; it is void. If it is still due, ask anew.
po-code-follows = M-Pesa code follows
po-contradiction = Sent {$at}. {$code}
    Later M-Pesa told us otherwise. Compare with the M-Pesa statement.
po-forged = Not sent: it is not what was approved. Ask whoever runs the bot.
po-differs = M-Pesa shows {$got}. Compare with the M-Pesa statement.
po-code-used = {$code} already belongs to another payout. Compare with the M-Pesa statement.
po-doubt-failed = We said it was not sent; M-Pesa tells otherwise. Compare with the M-Pesa statement.
po-marked = {$who} says: {$what}. Another owner or manager says the same, or not.
po-why-busy = the gateway takes no more just now; ask again in 5 minutes
po-stopped = Payouts are stopped. Only an owner allows them again.
po-own-chat = Type it in your own chat with this bot; the card is there now.
po-over-time = The time to approve this is over. It must be asked for again.
po-not-refundable = That much is not left of this payment. Look at its card.
over-limit =
    Not approved: above the limit for {$limit ->
        [single] one payout
        [day] a day
        [memberDay] one member a day
        [payeeDay] one phone a day
       *[aloneDay] a day alone
    }, {$most}. Left now: {$left}.
digits-over = Too many tries with this card; nothing was approved. Ask another member, or whoever asked to ask again.
alone-word = SEND
po-details =
    From {$account}, our reference {$reference}
po-left = Left today: {$day}; for who asked {$member}; to this phone {$phone}
approvals-head = Waiting for you: {$count}. Asked by you: {$own}.
approvals-empty = Nothing waits for approval. /payout asks for one.
history-payouts = {$shop}: payouts, newest first
history-no-payouts = No payouts yet. /payout asks for one.
po-review =
    {$head}
    {$evidence}
    Compare with the statement of {$gateway}. Was this paid?
po-review-second =
    {$head}
    {$evidence}
    {$who} has compared. What do you see on the statement of {$gateway}?
po-review-keep =
    {$head}
    {$evidence}
    The money is as the card says. Keep it so?
po-no-evidence = No answer reached us.
po-owner-only = This is for an owner. It stays in /review.
po-first = Kept. It counts once another owner or manager says the same.
po-marks-differ = You two see different things, so nothing was decided. Compare again, then press Review.
po-mark-own = You have said it. Another owner or manager says the second word.
po-mark-owner = One of the two must be an owner. Ask an owner to review it.
po-still-open = It is still open; the card says why.
told-callback = callback
told-lookup = look-up
told-answer = answer
told-person = a person
said-paid = paid
said-failed = not paid
said-pending = going on
said-reversed = taken back
limits =
    Limits of payouts
    {$list}
    Which one changes?
limit-single = One payout
limit-day = A day
limit-member = A member, a day
limit-payee = A phone, a day
limit-digits = Digits above
limit-alone = Alone, a day
limit-ask = {$limit}: now {$now}. How much from now on?
limit-set = {$limit}: {$now} from now on.
alone-means = You would ask and approve by yourself, up to {$limit} a day, with a typed word. Nobody looks a second time.
alone-on = Alone mode is on, up to {$limit} a day. /settings turns it off.
alone-off = Alone mode is off. Payouts need a second member.
alone-others = {$who} can approve too. Alone mode is for a business of one.

# Staff and the day
cmd-staff = Who works here, and as what
cmd-today = The day so far, and the audit head
day-unasked = Came unasked {$amount} ({$count}): /review
day-no-audit = is empty yet
btn-invite-link = Invite by link
btn-invite-contact = Invite a contact
btn-set-role = Change a role
btn-remove = Remove
btn-invites = Open invitations
btn-done = Done
btn-role-owner = Owner
btn-role-manager = Manager
btn-role-cashier = Cashier
btn-role-viewer = Viewer
btn-join = Join
staff-head =
    {$shop}, who works here:
    {$list}
staff-line = {$name}, {$role}
staff-nameless = somebody who has not written here
staff-by-link = by link
staff-which-role =
    As what? A viewer looks. A cashier asks for payments.
    A manager also reviews, asks for payouts and approves them. An owner also changes who works here.
staff-contact = Share the person's contact here: attach, then Contact.
staff-contact-hidden = We see no account here for this contact, so only a link works: /staff, Invite by link.
staff-link =
    Send this link to one person. It makes them {$role} in {$shop}, works once, and only until {$end}.
    {$link}
staff-invited =
    {$name} can join {$shop} as {$role} until {$end}. Nobody else can. They open:
    {$link}
staff-is-member = They work in {$shop} already. /staff changes what they do.
staff-too-many = {$max} invitations are open. Withdraw one first: /staff
staff-whose-role = Whose role changes?
staff-who-leaves = Who leaves {$shop}?
staff-role-ask = {$name} becomes {$role} in {$shop}. It counts at once.
staff-remove-ask = {$name} leaves {$shop}. It counts at once.
staff-kept = Nothing changed. /staff shows who works here.
staff-role-done = {$name} is {$role} in {$shop} now.
staff-removed-done = {$name} no longer works in {$shop}.
staff-unchanged = {$name} is {$role} already.
staff-gone = {$name} no longer works in {$shop}. /staff shows who does.
staff-last-owner = {$name} is the only owner. Make another member owner first: /staff
staff-invites = Which invitation do you withdraw?
staff-invite-line = {$role}, {$who}, until {$end}
staff-withdrawn = Withdrawn. The link works no longer.
staff-invite-over = This invitation is used or over. /staff shows the open ones.
staff-told-joined = {$name} joined {$shop}: {$role}. Invited by {$who}. If you do not know them: /staff
staff-told-role = {$who} made {$name} {$role} in {$shop}. /staff shows who works here.
staff-told-removed = {$who} removed {$name} from {$shop}. /staff shows who works here.
staff-told-approver = {$name} may approve payouts in {$shop} now, by {$who}. If that surprises you: /freeze
staff-told-invites = Open links to join are withdrawn. /staff makes new ones.
staff-you-role = {$shop}: you are {$role} now. {$who} changed it.
staff-op-joined = {$name} joined {$shop}: {$role}. Whoever runs the bot added them. If you do not know them: /staff
staff-op-role = {$name} is {$role} in {$shop} now. Whoever runs the bot changed it. /staff shows who works here.
staff-op-approver = {$name} may approve payouts in {$shop} now; whoever runs the bot changed it. If that surprises you: /freeze
staff-op-you = {$shop}: you are {$role} now. Whoever runs the bot changed it. /help shows what works.
staff-you-removed = You no longer work in {$shop}. {$who} changed it; ask there if it surprises you.
join-ask = {$who} invites you to work in {$shop}: {$role}. Do you join?
join-waits = {$who} invites you to work in {$shop}: {$role}. Send /start to answer, until {$end}.
join-done = You work in {$shop} now: you are {$role}. /help shows what works.
join-done-too = You work in {$shop} too now: you are {$role}. /switch goes there.
join-later = Nothing changed. The invitation to {$shop} is open until {$end}.
join-none = We do not know this invitation. Ask for a new one.
join-member = You work in {$shop} already. /help shows what works.
join-used = This invitation to {$shop} was used already. Ask there for a new one.
join-expired = This invitation to {$shop} was open until {$end}. Ask there for a new one.
join-revoked = This invitation to {$shop} was withdrawn. Ask there for a new one.
join-foreign = This invitation is for somebody else. Ask for one of your own.

# Files of payouts
btn-stop-rest = Send no more
btn-rows-before = Rows before
btn-rows-after = More rows
bulk-pasted = Your lines
bulk-reading = Reading {$file}.
bulk-none-ready = No row can be paid. See the rows, mend them and send the file again.
bulk-left-out = Rows that could not be read are left out; mend them and send them in a file of their own.
bulk-before = The same file was asked for {$at}, {$ref2}.
bulk-again = {$count} of these rows may have been sent already, or stand here twice. To ask for them, write why.
bulk-total = Type the total of {$ref} in shillings to approve it.
bulk-total-no = That is not the total; nothing was approved. Tries left: {$left}
bulk-paused = Paused; {$left} not sent. What M-Pesa has already goes on.
bulk-resume-no = {$who} paused this. Ask them, an owner or another approver to let it go on.
bulk-resume-stopped = The gateway account is still stopped. Ask whoever runs the bot to check it, then press Resume.
bulk-asker-gone = Whoever asked for it may no longer do so. Press Send no more; if it is still due, another member sends a new file.
bulk-group-run = Approved by {$who}. How far it is stands in your own chats with this bot.
bulk-total-over = Too many tries at this total; nothing was approved. Another member approves it, or stops it and sends anew what is due.
bulk-total-rest = Type the total of what is left of {$ref} in shillings to approve it.
bulk-held-approver = {$who} approved it and may no longer do so. Another approves what is left, {$total}, until {$end}, or stops it.
bulk-held-lapsed = {$who} approved it more than a day ago. Approve what is left anew, {$total}, until {$end}, or stop it.
bulk-rest-lapsed = Nobody approved what was left by {$end}; it was not sent. If it is still due, send a new file.
bulk-held-float = The float is too low. Fill it, then press Resume.
bulk-held-tokens = The gateway account has no tokens left. Buy tokens, then press Resume.
bulk-held-keys = The gateway did not accept our keys. Ask whoever runs the bot for new ones, then press Resume.
bulk-held-off = Sending money is off at the gateway. Ask the gateway to turn it on, then press Resume.
bulk-held-account = The gateway account takes nothing now. Ask whoever runs the bot to look at it, then press Resume.
bulk-held-silent = The gateway cannot send just now. Wait a few minutes, then press Resume.
bulk-held-rows = Several rows one after another were not taken. See the rows; if the others are right, press Resume.
bulk-one-sheet = Only the first sheet was read. Others hold rows too; send those in files of their own:
bulk-sheet = {$sheet}: {$rows} rows not read
bulk-sheets = more sheets: {$rows} rows not read
bulk-done = Done: {$sent} sent, {$not} not sent, {$open} not known yet.
bulk-by = Asked by {$by}, approved by {$who}.
bulk-open = Do not send the unknown ones again; each has a card of its own to review.
bulk-result = {$ref}: {$sent} sent, {$not} not sent, {$open} not known yet.
bulk-page = Page {$page} of {$pages}
bulk-columns = Row,Our number,Phone,Amount KES,Name,What became of it,M-Pesa code,Time
bulk-s-sent = sent
bulk-s-not = not sent
bulk-s-open = not known yet
bulk-s-left = waits
bulk-w-no-phone = no phone
bulk-w-phone = the phone cannot be read
bulk-w-foreign = not a Kenyan phone
bulk-w-no-amount = no amount
bulk-w-amount = the amount cannot be read
bulk-w-point = thousands or cents? Write it without the point
bulk-w-cents = whole shillings only
bulk-w-range = M-Pesa does not send this amount
bulk-w-columns = more cells than columns
bulk-no-gone = We could not get {$file}. Send it again.
bulk-no-too-big = {$file} is too large. Send at most 1 MB and 10,000 rows, in parts if need be.
bulk-no-too-heavy = {$file} is too much for us to read as it is. Copy its rows into a new sheet, save that as CSV and send it.
bulk-no-too-many = {$file} has more than 10,000 rows. Send it in parts.
bulk-no-unreadable = We could not read {$file}. Save it as CSV or XLSX and send it again.
bulk-no-empty = {$file} has no rows. Send CSV or XLSX with phone and amount in each row.
bulk-no-first-empty = The first sheet of {$file} has no rows. Move the sheet with phone and amount to the front and send it again.
bulk-no-no-columns = We could not tell the phone and the amount in {$file}. Name them in the first row: phone, amount, name, reason.
bulk-no-no-account = No account here can send money. Whoever runs the bot connects one that can.
bulk-no-no-right = {$file} was not read: sending money is for managers and owners. Ask one of them.

# One person in two chats
chat-code =
    In your other chat with us type: connect {$code}
    It works once, until {$end}. Give it to nobody: whoever types it becomes you.
chat-joined =
    These two chats are yours as one. What concerns you comes to the one you used last.
    Type disconnect to part them.
chat-no-code = That code is used, too old or not ours. Type connect in the other chat for a new one.
chat-same-channel = That code is from this app. Type it in your other app: Telegram or WhatsApp.
chat-joined-before = One of these chats is connected already. Type disconnect there first.
chat-both-members = Both chats work for a business. An owner removes one of them in staff first; then connect them.
chat-make-here = You work for a business, so the code comes from here: type connect, and type that code in the other chat.
chat-let-go = Receipts for {$phone} no longer come to you: you have another number linked. Share your own contact to change it.
chat-joined-there =
    Your chat in {$app} is connected with this one. What you may do here can be done there too.
    If that was not you, type disconnect now.
chat-told-owner = {$name} now works in {$shop} from {$app} too. If they do not know of it: /staff
chat-parted = Parted. The other chat is a stranger here again.
chat-alone = This chat is connected to no other. Type connect to get a code.

# In a template, in place of one payee
bulk-payees = {$rows} people
