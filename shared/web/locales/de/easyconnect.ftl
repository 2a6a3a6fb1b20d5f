# Around every page
skip = Zum Inhalt springen
language = Sprache
foot = Mooring hält die Verbindung; Ihr Passwort bleibt bei der Plattform.
caution-address = Dieser Name sieht wie eine Webadresse aus. Er ist nur ein Name und sagt nichts darüber, wer anfragt.
caution-mixed = Dieser Name mischt Buchstaben verschiedener Alphabete, die sich ähneln. Vergewissern Sie sich, dass Sie wissen, wer anfragt.
colon = :
comma = ,{ " " }
until = Gültig bis
other-site = führt zu einer anderen Website
back = Zurück
unexpected = Nicht erwartet? Schließen Sie einfach diese Seite; es wurde nichts verbunden.
wait = { $count ->
    [one] Bitte versuchen Sie es in { $count } Minute erneut.
   *[other] Bitte versuchen Sie es in { $count } Minuten erneut.
}

# Landing
landing-title = Verbinden Sie Ihre Konten mit { $agency }
landing-lead = { $agency } bittet Sie, Ihre Social-Media-Konten zu verbinden. Das dauert etwa zwei Minuten.
landing-platforms = Darum geht es
landing-password = Sie melden sich direkt bei der Plattform an. Niemand hier sieht jemals Ihr Passwort.
landing-choice = Sie wählen, welche Konten Sie verbinden, und können das jederzeit widerrufen.
landing-start = Starten
gate-password = Passwort dieses Links
gate-hint = Sie haben es von { $agency } erhalten. Bitte geben Sie kein eigenes Passwort ein.
gate-wrong = { $count ->
    [one] Dieses Passwort ist nicht richtig. Sie haben noch { $count } Versuch.
   *[other] Dieses Passwort ist nicht richtig. Sie haben noch { $count } Versuche.
}
gate-locked = Es wurde zu oft ein falsches Passwort eingegeben.
elsewhere-title = Besser in Ihrem eigenen Browser
elsewhere-why = Diese Seite ist in einer anderen App geöffnet. Manche Plattformen lassen Sie sich dort nicht anmelden.
elsewhere-open = Im Browser öffnen
elsewhere-copy = Oder kopieren Sie diese Adresse in Ihren Browser:
elsewhere-scan = Oder scannen Sie sie mit einem anderen Gerät:
elsewhere-stay = Sie können auch hier fortfahren.
qr = QR-Code der Adresse

# Checklist
checklist-title = Ihre Konten für { $agency }
progress = { $count } von { $total } verbunden
connect-platform = { $name } verbinden
reconnect-platform = { $name } erneuern
choose-account = Konto auswählen
state-open = Noch nicht verbunden
state-renew = Muss erneuert werden
state-choose = Noch ein Schritt
state-connected = Verbunden
state-withdrawn = Widerrufen
optional = freiwillig
expected = Erwartetes Konto
adds = Weiteres Konto verbinden
finish = Fertig
finish-hint = Solange der Link gültig ist, können Sie hierher zurückkehren.
connected-now = { $count ->
    [one] Das Konto ist verbunden
   *[other] { $count } Konten sind verbunden
}

# Kinds of accounts
kind-page = Seite
kind-profile = Profil
kind-organization = Unternehmensseite
kind-channel = Kanal
kind-location = Unternehmensstandort
kind-instagram-business = Unternehmenskonto
kind-instagram-creator = Creator-Konto
kind-account = Konto

# Consent
consent-title = { $name } verbinden
consent-lead = { $agency } möchte mit Ihrem Konto bei { $name } arbeiten.
consent-way = Über
consent-also = Ebenfalls angefragt
consent-place = Sie melden sich bei { $name } an und kehren dann hierher zurück.
consent-keep = Es sind bereits Konten verbunden. Bitte lassen Sie sie bei { $name } angekreuzt: Was dort nicht angekreuzt ist, verliert seine Verbindung.
consent-allow = Was Sie erlauben
consent-cannot = Was damit nicht möglich ist
consent-go = Weiter zu { $name }
consent-end = Sie können das jederzeit beenden: auf Ihrem Beleg oder in Ihren Einstellungen bei { $name }.
connect = Sehen, welche Konten Sie bei { $name } verwalten, mit Namen und Bild.
    .why = Damit Sie wählen können, was verbunden wird.
    .never = Ihr Passwort wird niemandem mitgeteilt.
publish = Beiträge in den Konten veröffentlichen, die Sie bei { $name } auswählen.
    .short = Beiträge veröffentlichen
    .why = Damit geplante Beiträge dort erscheinen können.
    .never = Nie wird etwas in einem Konto veröffentlicht, das Sie nicht ausgewählt haben.
    .cannot = Etwas veröffentlichen
analytics = Die Zahlen der Konten lesen, die Sie bei { $name } auswählen.
    .short = Zahlen lesen
    .why = Damit Sie sehen, wie Beiträge ankommen.
    .never = Das allein erlaubt nie, etwas zu veröffentlichen oder zu ändern.
    .cannot = Ihre Zahlen lesen
messages = Die Nachrichten der Konten lesen und beantworten, die Sie bei { $name } auswählen.
    .short = Nachrichten lesen und beantworten
    .why = Damit Nachrichten an einem Ort beantwortet werden können.
    .never = Nie wird eine Nachricht gesendet, die niemand geschrieben hat.
    .cannot = Ihre Nachrichten lesen
audience = Ihre Follower bei { $name } in Summe sehen: Länder, Städte und Alter.
    .short = Follower in Summe sehen
    .why = Damit Sie sehen, wen Beiträge erreichen.
    .never = Nie wird gezeigt, wer ein einzelner Follower ist.
    .cannot = Sehen, wer Ihnen folgt

# Choosing
pick-question = Ist das das richtige Konto?
pick-yes = Ja, verbinden
pick-no = Nein, anderes Konto verwenden
pick-title = Welche Konten möchten Sie verbinden?
pick-none = Hier kann noch nichts verbunden werden
pick-room = { $count ->
    [one] Sie können { $count } Konto auswählen.
   *[other] Sie können bis zu { $count } Konten auswählen.
}
pick-submit = Ausgewählte Konten verbinden
pick-here = Verbunden; auswählen, um zu erneuern
pick-blocked = Zurzeit nicht verbindbar
pick-missing = Fehlt ein Konto?
pick-role = Ihre Rolle
pick-fix = Beheben

# How connecting ended
denied = Es wurde nichts verbunden
    .text = Sie haben bei der Plattform abgebrochen. Falls das ein Versehen war, versuchen Sie es bitte erneut und erlauben Sie, worum gebeten wird.
    .next = Erneut versuchen
wrong-account = Das war ein anderes Konto
    .text = Sie haben sich mit einem anderen Konto als erwartet angemeldet; es wurde nichts geändert.
    .next = Anderes Konto verwenden
personal-not-business = Dieses Konto ist von anderer Art
    .text = Die Plattform lässt private Konten nicht verbinden. Bitte stellen Sie es dort auf ein Unternehmens- oder Creator-Konto um und versuchen Sie es erneut.
    .next = Erneut versuchen
no-pages = Es wurden keine Seiten gefunden
    .text = Sie verwalten dort keine Seite oder haben keine angekreuzt. Bitte melden Sie sich als Verwalter der Seite an und lassen Sie sie angekreuzt.
    .next = Erneut versuchen
page-without-instagram = Kein Instagram-Konto verknüpft
    .text = Mit der Seite ist kein Instagram-Unternehmenskonto verknüpft. Bitte verknüpfen Sie es in den Einstellungen der Seite und versuchen Sie es erneut.
    .next = Erneut versuchen
missing-permission = Eine Berechtigung fehlt
    .text = Etwas Nötiges wurde nicht erlaubt. Bitte versuchen Sie es erneut und lassen Sie alles angekreuzt.
    .next = Fehlendes erlauben
connected-elsewhere = Dieses Konto wird woanders verwendet
    .text = Es ist bereits in einem anderen Arbeitsbereich verbunden. Bitte wählen Sie ein anderes Konto oder fragen Sie { $agency }.
    .next = Anderes Konto verwenden
plan-full = Es ist kein Platz mehr frei
    .text = { $agency } kann zurzeit kein weiteres Konto aufnehmen. Bitte geben Sie dort Bescheid.
    .next = Zurück zu Ihren Konten
link-expired = Dieser Link ist abgelaufen
    .text = Bitten Sie { $agency } um einen neuen; ein Klick genügt.
    .next = Neuen Link anfordern
link-paused = Dieser Link ist angehalten
    .text = { $agency } hat ihn angehalten. Sie können einen neuen anfordern.
    .next = Neuen Link anfordern
link-used-up = Dieser Link ist aufgebraucht
    .text = Es sind so viele Konten verbunden, wie er erlaubt. Sie können { $agency } um einen neuen bitten.
    .next = Neuen Link anfordern
link-unknown = Dieser Link funktioniert nicht
    .text = Er ist vielleicht unvollständig oder wurde ersetzt. Bitte öffnen Sie noch einmal die neueste Nachricht mit dem Link oder fragen Sie den Absender.
    .next = Erneut versuchen
platform-down = Die Plattform antwortet nicht
    .text = Sie ist gerade gestört. Es wurde nichts geändert; bitte versuchen Sie es in einigen Minuten erneut.
    .next = Erneut versuchen
attempt-expired = Das hat zu lange gedauert
    .text = Zu Ihrer Sicherheit gilt eine Anmeldung nur wenige Minuten. Bitte beginnen Sie von vorn.
    .next = Von vorn beginnen
cookies-blocked = Ihr Browser blockiert Cookies
    .text = Ein Cookie ist nötig, damit nur Sie den Vorgang abschließen können. Bitte erlauben Sie Cookies für diese Seite und versuchen Sie es erneut.
    .next = Erneut versuchen
in-app-browser = Bitte verwenden Sie Ihren eigenen Browser
    .text = Die Plattform erlaubt keine Anmeldung innerhalb einer anderen App. Bitte öffnen Sie diese Seite in Ihrem Browser.
    .next = Im Browser öffnen
already-connected = Dieses Konto ist bereits verbunden
    .text = Dafür ist nichts weiter zu tun.
    .next = Zurück zu Ihren Konten
removed = Der Zugriff wurde widerrufen
    .text = { $agency } kann mit diesem Konto nicht mehr arbeiten. Sie können es erneut verbinden.
    .next = Erneut verbinden
too-many-attempts = Zu viele Versuche
    .text = Zum Schutz Ihrer Konten gibt es eine kurze Pause. Bitte versuchen Sie es später erneut.
    .next = Erneut versuchen
other = Etwas ist schiefgegangen
    .text = Es wurde nichts geändert. Bitte versuchen Sie es erneut; falls es wieder geschieht, sagen Sie { $agency } Bescheid.
    .next = Erneut versuchen
problem-role = Ihre Rolle reicht dafür nicht aus. Bitten Sie den Administrator, es zu verbinden oder Ihnen volle Kontrolle zu geben.
problem-restricted = Die Plattform hat dieses Konto eingeschränkt. Bitte klären Sie das zuerst mit der Plattform.
problem-not-shared = Es wurde bei der Plattform nicht freigegeben. Bitte verbinden Sie erneut und lassen Sie es dort angekreuzt.
problem-not-reviewed = Veröffentlichen ist noch nicht möglich, weil die Plattform die App noch prüft.
problem-not-found = Die Plattform zeigt Ihnen dieses Konto nicht. Bitte prüfen Sie es dort.
problem-threads-taken = Mit diesem Instagram-Konto ist bereits ein anderes Threads-Konto verknüpft.
problem-sign-in-again = Die Verbindung ist beendet. Bitte melden Sie sich bei der Plattform erneut an.
problem-not-set-up = Diese Plattform ist noch nicht eingerichtet. Bitte sagen Sie { $agency } Bescheid.
problem-locked = { $agency } nimmt zurzeit keine Konten an. Bitte fragen Sie dort nach.
fresh-asked = { $agency } wurde gefragt
    .text = Sie erhalten von dort einen neuen Link. Sie können diese Seite schließen.
got = Angemeldet als

# Receipt
receipt-title = Was Sie verbunden haben
receipt-lead = Diese Konten sind mit { $agency } verbunden.
receipt-none = Es ist nichts verbunden.
receipt-list = Zurück zu Ihren Konten
connected-at = Verbunden
withdrawn-at = Widerrufen
allowed = Erlaubt
withdraw = Zugriff widerrufen
end-there = Selbst bei { $name } beenden
download = Diesen Beleg herunterladen (signiertes JSON)
return = Zurück zu { $agency }

# Withdrawing
withdraw-title = Zugriff widerrufen?
withdraw-effect = { $agency } kann dann nicht mehr mit diesem Konto arbeiten. Veröffentlichtes bleibt bestehen, und Sie können es erneut verbinden.
withdrawal-revoked = Der Zugriff ist widerrufen
    .text = Er ist auch bei { $name } beendet.
withdrawal-retrying = Der Zugriff ist hier widerrufen
    .text = { $name } hat es noch nicht bestätigt; wir versuchen es weiter.
withdrawal-by-hand = Der Zugriff ist hier widerrufen
    .text = Bitte entfernen Sie die App auch in Ihren Einstellungen bei { $name }; das können nur Sie.

# Another device
device-title = Auf einem anderen Gerät fortfahren
device-how = Öffnen Sie dort diese Adresse oder scannen Sie das Bild:
device-minutes = { $count ->
    [one] Sie gilt { $count } Minute.
   *[other] Sie gilt { $count } Minuten.
}
device-private = Bitte behalten Sie sie für sich: Wer sie öffnet, kann an Ihrer Stelle fortfahren.

# Waiting
waiting-title = Gleich geschafft
waiting-answer = { $name } hat geantwortet; Ihre Konten werden gelesen.
waiting-time = Das dauert einige Sekunden.
look-again = Noch einmal nachsehen
visit-over = Ihr Besuch ist abgelaufen
    .text = Zu Ihrer Sicherheit dauert ein Besuch eine halbe Stunde. Bitte öffnen Sie den Link aus der Nachricht noch einmal; was Sie verbunden haben, bleibt erhalten.
    .next = Neu beginnen

# A message with the link
invitation = { $agency } bittet Sie, Ihre Konten zu verbinden
    .text = Guten Tag! { $agency } bittet Sie, Ihre Social-Media-Konten zu verbinden ({ $name }). Es dauert etwa zwei Minuten; Sie melden sich direkt bei den Plattformen an, und niemand sieht Ihr Passwort. Bitte öffnen Sie diesen Link:
