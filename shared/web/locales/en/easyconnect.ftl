# Around every page
skip = Skip to the content
language = Language
foot = Mooring keeps the connection; your password stays with the platform.
caution-address = This name looks like a web address. It is only a name: it says nothing about who is asking.
caution-mixed = This name mixes letters of different alphabets that look alike. Make sure that you know who is asking.
colon = :
comma = ,{ " " }
until = Valid until
other-site = leads to another site
back = Back
unexpected = Not expected? Just close this page; nothing has been connected.
wait = { $count ->
    [one] Please try again in { $count } minute.
   *[other] Please try again in { $count } minutes.
}

# Landing
landing-title = Connect your accounts with { $agency }
landing-lead = { $agency } asks you to connect your social media accounts. It takes about two minutes.
landing-platforms = You will be asked for
landing-password = You sign in at the platform itself. Nobody here ever sees your password.
landing-choice = You choose which accounts to connect, and you can withdraw at any time.
landing-start = Start
gate-password = Password of this link
gate-hint = { $agency } gave it to you. Please do not type a password of your own.
gate-wrong = { $count ->
    [one] That password is not right. You have { $count } try left.
   *[other] That password is not right. You have { $count } tries left.
}
gate-locked = There were too many wrong passwords.
elsewhere-title = Better in your own browser
elsewhere-why = This page is open inside another app. Some platforms do not let you sign in there.
elsewhere-open = Open in your browser
elsewhere-copy = Or copy this address into your browser:
elsewhere-scan = Or scan it with another device:
elsewhere-stay = You can also continue here.
qr = QR code of the address

# Checklist
checklist-title = Your accounts for { $agency }
progress = { $count } of { $total } connected
connect-platform = Connect { $name }
reconnect-platform = Renew { $name }
choose-account = Choose the account
state-open = Not connected yet
state-renew = Needs renewal
state-choose = One step left
state-connected = Connected
state-withdrawn = Access withdrawn
optional = optional
expected = Expected account
adds = Connect another account
finish = Finish
finish-hint = You can come back to this page while the link is valid.
connected-now = { $count ->
    [one] The account is connected
   *[other] { $count } accounts are connected
}

# Kinds of accounts
kind-page = Page
kind-profile = Profile
kind-organization = Company page
kind-channel = Channel
kind-location = Business location
kind-instagram-business = Business account
kind-instagram-creator = Creator account
kind-account = Account

# Consent
consent-title = Connect { $name }
consent-lead = { $agency } asks to work with your account on { $name }.
consent-way = By way of
consent-also = Asked for as well
consent-place = You sign in at { $name }, then come back here.
consent-keep = Accounts are connected already. Please leave them ticked at { $name }: whatever is left unticked loses its connection.
consent-allow = What you allow
consent-cannot = What it cannot do
consent-go = Continue to { $name }
consent-end = You can end it at any time: on your receipt, or in your settings at { $name }.
connect = See which accounts you manage on { $name }, with their names and pictures.
    .why = So you can choose what to connect.
    .never = Your password is never shared with anybody.
publish = Publish posts on the accounts that you choose on { $name }.
    .short = Publish posts
    .why = So planned posts can appear there.
    .never = Nothing is ever posted to an account that you did not choose.
    .cannot = Post anything
analytics = Read the numbers of the accounts that you choose on { $name }.
    .short = Read numbers
    .why = So you can see how posts perform.
    .never = This alone never allows posting or changing anything.
    .cannot = Read your numbers
messages = Read and answer the messages of the accounts that you choose on { $name }.
    .short = Read and answer messages
    .why = So messages can be answered in one place.
    .never = No message is ever sent that nobody wrote.
    .cannot = Read your messages
audience = See your followers on { $name } in total: their countries, cities and ages.
    .short = See followers, in totals
    .why = So you can see whom posts reach.
    .never = It never shows who a single follower is.
    .cannot = See who follows you

# Choosing
pick-question = Is this the right account?
pick-yes = Yes, connect it
pick-no = No, use another account
pick-title = Which accounts do you want to connect?
pick-none = Nothing here can be connected yet
pick-room = { $count ->
    [one] You can choose { $count } account.
   *[other] You can choose up to { $count } accounts.
}
pick-submit = Connect the chosen accounts
pick-here = Connected; choose it to renew
pick-blocked = Cannot be connected now
pick-missing = Is an account missing?
pick-role = Your role
pick-fix = Fix it

# How connecting ended
denied = Nothing was connected
    .text = You cancelled at the platform. If that was a mistake, please try again and allow what is asked.
    .next = Try again
wrong-account = That was another account
    .text = You signed in with another account than expected, so nothing was changed.
    .next = Use another account
personal-not-business = This account is of another kind
    .text = The platform does not let personal accounts be connected. Please switch it to a business or creator account there, then try again.
    .next = Try again
no-pages = No pages were found
    .text = You manage no page there, or ticked none. Please sign in as a manager of the page and leave it ticked.
    .next = Try again
page-without-instagram = No Instagram account is linked
    .text = The page has no Instagram business account linked to it. Please link it in the settings of the page, then try again.
    .next = Try again
missing-permission = A permission is missing
    .text = Something that is needed was not allowed. Please try again and leave everything ticked.
    .next = Allow what is missing
connected-elsewhere = This account is in use elsewhere
    .text = It is already connected in another workspace. Please choose another account, or ask { $agency }.
    .next = Use another account
plan-full = There is no room left
    .text = { $agency } cannot take another account at the moment. Please tell them.
    .next = Back to your accounts
link-expired = This link has expired
    .text = Please ask { $agency } for a fresh one; one press is enough.
    .next = Ask for a fresh link
link-paused = This link is paused
    .text = { $agency } has paused it. You can ask for a fresh one.
    .next = Ask for a fresh link
link-used-up = This link is used up
    .text = As many accounts are connected as it allows. You can ask { $agency } for a fresh one.
    .next = Ask for a fresh link
link-unknown = This link does not work
    .text = It may be incomplete or replaced. Please open the newest message with the link once more, or ask whoever sent it.
    .next = Try again
platform-down = The platform does not answer
    .text = It has trouble at the moment. Nothing was changed; please try again in a few minutes.
    .next = Try again
attempt-expired = That took too long
    .text = For your safety a sign-in is valid for a few minutes only. Please start again.
    .next = Start again
cookies-blocked = Your browser blocks cookies
    .text = One cookie is needed so that only you can finish. Please allow cookies for this page, then try again.
    .next = Try again
in-app-browser = Please use your own browser
    .text = The platform does not let you sign in inside another app. Please open this page in your browser.
    .next = Open in your browser
already-connected = This account is already connected
    .text = There is nothing more to do for it.
    .next = Back to your accounts
removed = Access has been withdrawn
    .text = { $agency } can no longer work with this account. You can connect it again.
    .next = Connect again
too-many-attempts = Too many attempts
    .text = To protect your accounts there is a short break. Please try again later.
    .next = Try again
other = Something went wrong
    .text = Nothing was changed. Please try again; if it happens once more, tell { $agency }.
    .next = Try again
problem-role = Your role on it is too small. Please ask its administrator to connect it or to give you full control.
problem-restricted = The platform has restricted this account. Please settle that with the platform first.
problem-not-shared = It was not shared at the platform. Please connect again and leave it ticked there.
problem-not-reviewed = Publishing is not possible yet, because the platform is still reviewing the app.
problem-not-found = The platform does not show this account to you. Please check it there.
problem-threads-taken = Another Threads account is already tied to this Instagram account.
problem-sign-in-again = The connection has ended. Please sign in at the platform once more.
problem-not-set-up = This platform is not set up yet. Please tell { $agency }.
problem-locked = { $agency } takes no accounts at the moment. Please ask them.
fresh-asked = { $agency } has been asked
    .text = You will get a fresh link from them. You can close this page.
got = Signed in as

# Receipt
receipt-title = What you have connected
receipt-lead = These accounts are connected with { $agency }.
receipt-none = Nothing is connected.
receipt-list = Back to your accounts
connected-at = Connected
withdrawn-at = Withdrawn
allowed = Allowed
withdraw = Withdraw access
end-there = End it at { $name } yourself
download = Download this receipt (signed JSON)
return = Back to { $agency }

# Withdrawing
withdraw-title = Withdraw access?
withdraw-effect = { $agency } can then no longer work with this account. What is published stays, and you can connect it again.
withdrawal-revoked = Access is withdrawn
    .text = It has ended at { $name } as well.
withdrawal-retrying = Access is withdrawn here
    .text = { $name } has not confirmed it yet; we keep trying.
withdrawal-by-hand = Access is withdrawn here
    .text = Please also remove the app in your settings at { $name }; only you can do that.

# Another device
device-title = Continue on another device
device-how = Open this address there, or scan the picture:
device-minutes = { $count ->
    [one] It works for { $count } minute.
   *[other] It works for { $count } minutes.
}
device-private = Please keep it to yourself: whoever opens it can continue in your place.

# Waiting
waiting-title = Almost there
waiting-answer = { $name } has answered; your accounts are being read.
waiting-time = This takes a few seconds.
look-again = Look again
visit-over = Your visit is over
    .text = For your safety a visit lasts half an hour. Please open the link from the message once more; nothing that you connected is lost.
    .next = Start again

# A message with the link
invitation = { $agency } asks you to connect your accounts
    .text = Hello! { $agency } asks you to connect your social media accounts ({ $name }). It takes about two minutes; you sign in at the platforms themselves, and nobody sees your password. Please open this link:
