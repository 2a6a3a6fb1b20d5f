# Around every page
skip = Naar de inhoud
language = Taal
foot = Mooring houdt de verbinding in stand; uw wachtwoord blijft bij het platform.
caution-address = Deze naam lijkt op een webadres. Het is alleen een naam: hij zegt niets over wie het vraagt.
caution-mixed = Deze naam mengt letters van verschillende alfabetten die op elkaar lijken. Ga na of u weet wie het vraagt.
colon = :
comma = ,{ " " }
until = Geldig tot
other-site = leidt naar een andere site
back = Terug
unexpected = Niet verwacht? Sluit gewoon deze pagina; er is niets verbonden.
wait = { $count ->
    [one] Probeer het over { $count } minuut opnieuw.
   *[other] Probeer het over { $count } minuten opnieuw.
}

# Landing
landing-title = Verbind uw accounts met { $agency }
landing-lead = { $agency } vraagt u om uw socialmedia-accounts te verbinden. Het duurt ongeveer twee minuten.
landing-platforms = Hierom wordt gevraagd
landing-password = U meldt zich aan bij het platform zelf. Niemand hier ziet ooit uw wachtwoord.
landing-choice = U kiest welke accounts u verbindt en kunt de toegang altijd intrekken.
landing-start = Beginnen
gate-password = Wachtwoord van deze link
gate-hint = U hebt het van { $agency } gekregen. Vul geen eigen wachtwoord in.
gate-wrong = { $count ->
    [one] Dat wachtwoord klopt niet. U hebt nog { $count } poging.
   *[other] Dat wachtwoord klopt niet. U hebt nog { $count } pogingen.
}
gate-locked = Er is te vaak een verkeerd wachtwoord ingevuld.
elsewhere-title = Beter in uw eigen browser
elsewhere-why = Deze pagina is geopend in een andere app. Bij sommige platforms kunt u zich daar niet aanmelden.
elsewhere-open = Openen in uw browser
elsewhere-copy = Of kopieer dit adres naar uw browser:
elsewhere-scan = Of scan het met een ander apparaat:
elsewhere-stay = U kunt ook hier verdergaan.
qr = QR-code van het adres

# Checklist
checklist-title = Uw accounts voor { $agency }
progress = { $count } van { $total } verbonden
connect-platform = { $name } verbinden
reconnect-platform = { $name } vernieuwen
choose-account = Account kiezen
state-open = Nog niet verbonden
state-renew = Moet worden vernieuwd
state-choose = Nog één stap
state-connected = Verbonden
state-withdrawn = Toegang ingetrokken
optional = optioneel
expected = Verwacht account
adds = Nog een account verbinden
finish = Klaar
finish-hint = U kunt naar deze pagina terugkomen zolang de link geldig is.
connected-now = { $count ->
    [one] Het account is verbonden
   *[other] { $count } accounts zijn verbonden
}

# Kinds of accounts
kind-page = Pagina
kind-profile = Profiel
kind-organization = Bedrijfspagina
kind-channel = Kanaal
kind-location = Bedrijfslocatie
kind-instagram-business = Bedrijfsaccount
kind-instagram-creator = Makersaccount
kind-account = Account

# Consent
consent-title = { $name } verbinden
consent-lead = { $agency } vraagt om met uw account bij { $name } te werken.
consent-way = Via
consent-also = Ook gevraagd
consent-place = U meldt zich aan bij { $name } en komt dan hier terug.
consent-keep = Er zijn al accounts verbonden. Laat ze bij { $name } aangevinkt: wat daar niet is aangevinkt, verliest zijn verbinding.
consent-allow = Wat u toestaat
consent-cannot = Wat hiermee niet kan
consent-go = Verder naar { $name }
consent-end = U kunt dit altijd beëindigen: op uw bewijs of in uw instellingen bij { $name }.
connect = Zien welke accounts u bij { $name } beheert, met naam en afbeelding.
    .why = Zodat u kunt kiezen wat u verbindt.
    .never = Uw wachtwoord wordt nooit met iemand gedeeld.
publish = Berichten plaatsen op de accounts die u bij { $name } kiest.
    .short = Berichten plaatsen
    .why = Zodat geplande berichten daar kunnen verschijnen.
    .never = Er wordt nooit iets geplaatst op een account dat u niet hebt gekozen.
    .cannot = Iets plaatsen
analytics = De cijfers lezen van de accounts die u bij { $name } kiest.
    .short = Cijfers lezen
    .why = Zodat u ziet hoe berichten het doen.
    .never = Dit alleen staat nooit toe iets te plaatsen of te wijzigen.
    .cannot = Uw cijfers lezen
messages = De privéberichten lezen en beantwoorden van de accounts die u bij { $name } kiest.
    .short = Privéberichten lezen en beantwoorden
    .why = Zodat privéberichten op één plek kunnen worden beantwoord.
    .never = Er wordt nooit een privébericht verstuurd dat niemand heeft geschreven.
    .cannot = Uw privéberichten lezen
audience = Uw volgers bij { $name } in totalen zien: landen, steden en leeftijden.
    .short = Volgers zien, in totalen
    .why = Zodat u ziet wie berichten bereiken.
    .never = Het laat nooit zien wie een afzonderlijke volger is.
    .cannot = Zien wie u volgt

# Choosing
pick-question = Is dit het juiste account?
pick-yes = Ja, verbinden
pick-no = Nee, ander account gebruiken
pick-title = Welke accounts wilt u verbinden?
pick-none = Hier kan nog niets worden verbonden
pick-room = { $count ->
    [one] U kunt { $count } account kiezen.
   *[other] U kunt maximaal { $count } accounts kiezen.
}
pick-submit = Gekozen accounts verbinden
pick-here = Verbonden; kies het om te vernieuwen
pick-blocked = Kan nu niet worden verbonden
pick-missing = Ontbreekt er een account?
pick-role = Uw rol
pick-fix = Oplossen

# How connecting ended
denied = Er is niets verbonden
    .text = U hebt bij het platform geannuleerd. Was dat een vergissing, probeer het dan opnieuw en sta toe wat wordt gevraagd.
    .next = Opnieuw proberen
wrong-account = Dat was een ander account
    .text = U hebt zich met een ander account aangemeld dan verwacht; er is niets gewijzigd.
    .next = Ander account gebruiken
personal-not-business = Dit account is van een ander soort
    .text = Bij het platform kunnen persoonlijke accounts niet worden verbonden. Zet het daar om naar een bedrijfs- of makersaccount en probeer het opnieuw.
    .next = Opnieuw proberen
no-pages = Er zijn geen pagina’s gevonden
    .text = U beheert daar geen pagina of hebt er geen aangevinkt. Meld u aan als beheerder van de pagina en laat deze aangevinkt.
    .next = Opnieuw proberen
page-without-instagram = Er is geen Instagram-account gekoppeld
    .text = Aan de pagina is geen Instagram-bedrijfsaccount gekoppeld. Koppel het in de instellingen van de pagina en probeer het opnieuw.
    .next = Opnieuw proberen
missing-permission = Er ontbreekt een toestemming
    .text = Iets wat nodig is, werd niet toegestaan. Probeer het opnieuw en laat alles aangevinkt.
    .next = Ontbrekende toestaan
connected-elsewhere = Dit account is elders in gebruik
    .text = Het is al in een andere werkruimte verbonden. Kies een ander account of vraag het aan { $agency }.
    .next = Ander account gebruiken
plan-full = Er is geen plaats meer
    .text = { $agency } kan op dit moment geen account meer toevoegen. Laat het hun weten.
    .next = Terug naar uw accounts
link-expired = Deze link is verlopen
    .text = Vraag { $agency } om een nieuwe; één druk op de knop is genoeg.
    .next = Nieuwe link vragen
link-paused = Deze link is onderbroken
    .text = { $agency } heeft hem onderbroken. U kunt een nieuwe vragen.
    .next = Nieuwe link vragen
link-used-up = Deze link is opgebruikt
    .text = Er zijn zoveel accounts verbonden als hij toestaat. U kunt { $agency } om een nieuwe vragen.
    .next = Nieuwe link vragen
link-unknown = Deze link werkt niet
    .text = Hij is misschien onvolledig of vervangen. Open het nieuwste bericht met de link nog eens of vraag het aan de afzender.
    .next = Opnieuw proberen
platform-down = Het platform antwoordt niet
    .text = Er is daar op dit moment een storing. Er is niets gewijzigd; probeer het over enkele minuten opnieuw.
    .next = Opnieuw proberen
attempt-expired = Dat duurde te lang
    .text = Voor uw veiligheid is een aanmelding maar enkele minuten geldig. Begin opnieuw.
    .next = Opnieuw beginnen
cookies-blocked = Uw browser blokkeert cookies
    .text = Er is één cookie nodig zodat alleen u kunt afronden. Sta cookies voor deze pagina toe en probeer het opnieuw.
    .next = Opnieuw proberen
in-app-browser = Gebruik uw eigen browser
    .text = Bij het platform kunt u zich niet aanmelden in een andere app. Open deze pagina in uw browser.
    .next = Openen in uw browser
already-connected = Dit account is al verbonden
    .text = U hoeft hiervoor niets meer te doen.
    .next = Terug naar uw accounts
removed = De toegang is ingetrokken
    .text = { $agency } kan niet meer met dit account werken. U kunt het opnieuw verbinden.
    .next = Opnieuw verbinden
too-many-attempts = Te veel pogingen
    .text = Om uw accounts te beschermen is er een korte pauze. Probeer het later opnieuw.
    .next = Opnieuw proberen
other = Er ging iets mis
    .text = Er is niets gewijzigd. Probeer het opnieuw; gebeurt het nog eens, laat het { $agency } dan weten.
    .next = Opnieuw proberen
problem-role = Uw rol is hiervoor niet toereikend. Vraag de beheerder om het te verbinden of u volledig beheer te geven.
problem-restricted = Het platform heeft dit account beperkt. Los dat eerst met het platform op.
problem-not-shared = Het is bij het platform niet gedeeld. Verbind opnieuw en laat het daar aangevinkt.
problem-not-reviewed = Plaatsen kan nog niet, omdat het platform de app nog beoordeelt.
problem-not-found = Het platform toont u dit account niet. Controleer het daar.
problem-threads-taken = Aan dit Instagram-account is al een ander Threads-account gekoppeld.
problem-sign-in-again = De verbinding is beëindigd. Meld u opnieuw aan bij het platform.
problem-not-set-up = Dit platform is nog niet ingesteld. Laat het { $agency } weten.
problem-locked = { $agency } neemt op dit moment geen accounts aan. Vraag het hun.
fresh-asked = Het is aan { $agency } gevraagd
    .text = U krijgt van hen een nieuwe link. U kunt deze pagina sluiten.
got = Aangemeld als

# Receipt
receipt-title = Wat u hebt verbonden
receipt-lead = Deze accounts zijn verbonden met { $agency }.
receipt-none = Er is niets verbonden.
receipt-list = Terug naar uw accounts
connected-at = Verbonden
withdrawn-at = Ingetrokken
allowed = Toegestaan
withdraw = Toegang intrekken
end-there = Zelf beëindigen bij { $name }
download = Dit bewijs downloaden (ondertekende JSON)
return = Terug naar { $agency }

# Withdrawing
withdraw-title = Toegang intrekken?
withdraw-effect = { $agency } kan dan niet meer met dit account werken. Wat geplaatst is, blijft staan, en u kunt het opnieuw verbinden.
withdrawal-revoked = De toegang is ingetrokken
    .text = Ook bij { $name } is die beëindigd.
withdrawal-retrying = De toegang is hier ingetrokken
    .text = { $name } heeft het nog niet bevestigd; we blijven het proberen.
withdrawal-by-hand = De toegang is hier ingetrokken
    .text = Verwijder de app ook in uw instellingen bij { $name }; alleen u kunt dat.

# Another device
device-title = Verder op een ander apparaat
device-how = Open daar dit adres of scan de afbeelding:
device-minutes = { $count ->
    [one] Het is { $count } minuut geldig.
   *[other] Het is { $count } minuten geldig.
}
device-private = Houd het voor uzelf: wie het opent, kan in uw plaats verdergaan.

# Waiting
waiting-title = Bijna klaar
waiting-answer = { $name } heeft geantwoord; uw accounts worden gelezen.
waiting-time = Dit duurt enkele seconden.
look-again = Opnieuw kijken
visit-over = Uw bezoek is voorbij
    .text = Voor uw veiligheid duurt een bezoek een half uur. Open de link uit het bericht nog eens; wat u hebt gekoppeld, blijft bewaard.
    .next = Opnieuw beginnen

# A message with the link
invitation = { $agency } vraagt u uw accounts te koppelen
    .text = Hallo! { $agency } vraagt u uw socialmedia-accounts te koppelen ({ $name }). Het duurt ongeveer twee minuten; u meldt zich aan bij de platforms zelf en niemand ziet uw wachtwoord. Open deze link:
