# Around every page
skip = Vai al contenuto
language = Lingua
foot = Mooring mantiene il collegamento; la Sua password resta alla piattaforma.
caution-address = Questo nome sembra un indirizzo web. È solo un nome: non dice nulla su chi fa la richiesta.
caution-mixed = Questo nome mescola lettere di alfabeti diversi che si somigliano. Si accerti di sapere chi fa la richiesta.
colon = :
comma = ,{ " " }
until = Valido fino al
other-site = porta a un altro sito
back = Indietro
unexpected = Non se lo aspettava? Chiuda semplicemente questa pagina; nulla è stato collegato.
wait = { $count ->
    [one] Riprovi tra { $count } minuto.
   *[other] Riprovi tra { $count } minuti.
}

# Landing
landing-title = Colleghi i Suoi account a { $agency }
landing-lead = { $agency } Le chiede di collegare i Suoi account social. Bastano circa due minuti.
landing-platforms = Le verrà chiesto
landing-password = Lei accede direttamente alla piattaforma. Nessuno qui vede mai la Sua password.
landing-choice = Lei sceglie quali account collegare e può revocare l’accesso in qualsiasi momento.
landing-start = Inizia
gate-password = Password di questo link
gate-hint = Le è stata data da { $agency }. Non inserisca una Sua password.
gate-wrong = { $count ->
    [one] La password non è corretta. Le resta { $count } tentativo.
   *[other] La password non è corretta. Le restano { $count } tentativi.
}
gate-locked = È stata inserita troppe volte una password errata.
elsewhere-title = Meglio nel Suo browser
elsewhere-why = Questa pagina è aperta dentro un’altra app. Alcune piattaforme non permettono di accedere da lì.
elsewhere-open = Apri nel browser
elsewhere-copy = Oppure copi questo indirizzo nel Suo browser:
elsewhere-scan = Oppure lo scansioni con un altro dispositivo:
elsewhere-stay = Può anche continuare qui.
qr = Codice QR dell’indirizzo

# Checklist
checklist-title = I Suoi account per { $agency }
progress = { $count } di { $total } collegati
connect-platform = Collega { $name }
reconnect-platform = Rinnova { $name }
choose-account = Scegli l’account
state-open = Non ancora collegato
state-renew = Da rinnovare
state-choose = Manca un passo
state-connected = Collegato
state-withdrawn = Accesso revocato
optional = facoltativo
expected = Account atteso
adds = Collega un altro account
finish = Fine
finish-hint = Può tornare a questa pagina finché il link è valido.
connected-now = { $count ->
    [one] L’account è collegato
   *[other] { $count } account sono collegati
}

# Kinds of accounts
kind-page = Pagina
kind-profile = Profilo
kind-organization = Pagina aziendale
kind-channel = Canale
kind-location = Sede dell’attività
kind-instagram-business = Account aziendale
kind-instagram-creator = Account creator
kind-account = Account

# Consent
consent-title = Collegare { $name }
consent-lead = { $agency } chiede di lavorare con il Suo account { $name }.
consent-way = Tramite
consent-also = Richiesto inoltre
consent-place = Accede a { $name } e poi torna qui.
consent-keep = Alcuni account sono già collegati. Li lasci selezionati su { $name }: ciò che lì non è selezionato perde il collegamento.
consent-allow = Che cosa consente
consent-cannot = Che cosa non è possibile
consent-go = Continua su { $name }
consent-end = Può porvi fine in qualsiasi momento: nella Sua ricevuta o nelle Sue impostazioni di { $name }.
connect = Vedere quali account gestisce su { $name }, con nome e immagine.
    .why = Così può scegliere che cosa collegare.
    .never = La Sua password non viene mai comunicata a nessuno.
publish = Pubblicare post sugli account che sceglie su { $name }.
    .short = Pubblicare post
    .why = Così i post programmati possono apparire lì.
    .never = Nulla viene mai pubblicato su un account che non ha scelto.
    .cannot = Pubblicare qualcosa
analytics = Leggere i dati degli account che sceglie su { $name }.
    .short = Leggere i dati
    .why = Così può vedere come vanno i post.
    .never = Questo da solo non permette mai di pubblicare o modificare nulla.
    .cannot = Leggere i Suoi dati
messages = Leggere i messaggi degli account che sceglie su { $name } e rispondere.
    .short = Leggere i messaggi e rispondere
    .why = Così si può rispondere ai messaggi da un unico posto.
    .never = Non viene mai inviato un messaggio che nessuno ha scritto.
    .cannot = Leggere i Suoi messaggi
audience = Vedere i Suoi follower su { $name } nel complesso: Paesi, città ed età.
    .short = Vedere i follower nel complesso
    .why = Così può vedere chi raggiungono i post.
    .never = Non mostra mai chi è un singolo follower.
    .cannot = Vedere chi La segue

# Choosing
pick-question = È l’account giusto?
pick-yes = Sì, collegalo
pick-no = No, usa un altro account
pick-title = Quali account desidera collegare?
pick-none = Qui non si può ancora collegare nulla
pick-room = { $count ->
    [one] Può scegliere { $count } account.
   *[other] Può scegliere fino a { $count } account.
}
pick-submit = Collega gli account scelti
pick-here = Collegato; lo scelga per rinnovarlo
pick-blocked = Per ora non collegabile
pick-missing = Manca un account?
pick-role = Il Suo ruolo
pick-fix = Risolvi

# How connecting ended
denied = Nulla è stato collegato
    .text = Ha annullato sulla piattaforma. Se è stato un errore, riprovi e consenta quanto richiesto.
    .next = Riprova
wrong-account = Era un altro account
    .text = Ha effettuato l’accesso con un account diverso da quello atteso, quindi nulla è cambiato.
    .next = Usa un altro account
personal-not-business = Questo account è di un altro tipo
    .text = La piattaforma non permette di collegare account personali. Lo converta lì in account aziendale o creator, poi riprovi.
    .next = Riprova
no-pages = Nessuna pagina trovata
    .text = Lì non gestisce alcuna pagina o non ne ha selezionata nessuna. Acceda come gestore della pagina e la lasci selezionata.
    .next = Riprova
page-without-instagram = Nessun account Instagram è associato
    .text = Alla pagina non è associato alcun account Instagram aziendale. Lo associ nelle impostazioni della pagina, poi riprovi.
    .next = Riprova
missing-permission = Manca un’autorizzazione
    .text = Qualcosa di necessario non è stato consentito. Riprovi e lasci tutto selezionato.
    .next = Consenti ciò che manca
connected-elsewhere = Questo account è usato altrove
    .text = È già collegato in un altro spazio di lavoro. Scelga un altro account o si rivolga a { $agency }.
    .next = Usa un altro account
plan-full = Non c’è più posto
    .text = Al momento { $agency } non può aggiungere altri account. La preghiamo di segnalarlo.
    .next = Torna ai Suoi account
link-expired = Questo link è scaduto
    .text = Ne chieda uno nuovo a { $agency }; basta premere una volta.
    .next = Chiedi un nuovo link
link-paused = Questo link è sospeso
    .text = { $agency } lo ha sospeso. Può chiederne uno nuovo.
    .next = Chiedi un nuovo link
link-used-up = Questo link è esaurito
    .text = Sono già collegati tanti account quanti ne consente. Può chiederne uno nuovo a { $agency }.
    .next = Chiedi un nuovo link
link-unknown = Questo link non funziona
    .text = Forse è incompleto o è stato sostituito. Riapra il messaggio più recente con il link o chieda a chi lo ha inviato.
    .next = Riprova
platform-down = La piattaforma non risponde
    .text = Al momento ha dei problemi. Nulla è cambiato; riprovi tra qualche minuto.
    .next = Riprova
attempt-expired = È passato troppo tempo
    .text = Per la Sua sicurezza un accesso vale solo pochi minuti. La preghiamo di ricominciare.
    .next = Ricomincia
cookies-blocked = Il Suo browser blocca i cookie
    .text = Serve un cookie perché solo Lei possa concludere. Consenta i cookie per questa pagina, poi riprovi.
    .next = Riprova
in-app-browser = Usi il Suo browser
    .text = La piattaforma non permette di accedere dentro un’altra app. Apra questa pagina nel Suo browser.
    .next = Apri nel browser
already-connected = Questo account è già collegato
    .text = Non c’è altro da fare.
    .next = Torna ai Suoi account
removed = L’accesso è stato revocato
    .text = { $agency } non può più lavorare con questo account. Può collegarlo di nuovo.
    .next = Collega di nuovo
too-many-attempts = Troppi tentativi
    .text = Per proteggere i Suoi account c’è una breve pausa. Riprovi più tardi.
    .next = Riprova
other = Qualcosa è andato storto
    .text = Nulla è cambiato. Riprovi; se succede ancora, avvisi { $agency }.
    .next = Riprova
problem-role = Il Suo ruolo non è sufficiente. Chieda all’amministratore di collegarlo o di darLe il controllo completo.
problem-restricted = La piattaforma ha limitato questo account. Prima risolva con la piattaforma.
problem-not-shared = Non è stato condiviso sulla piattaforma. Colleghi di nuovo e lo lasci selezionato lì.
problem-not-reviewed = Non è ancora possibile pubblicare, perché la piattaforma sta ancora esaminando l’app.
problem-not-found = La piattaforma non Le mostra questo account. Lo verifichi lì.
problem-threads-taken = A questo account Instagram è già associato un altro account Threads.
problem-sign-in-again = Il collegamento è terminato. Acceda di nuovo alla piattaforma.
problem-not-set-up = Questa piattaforma non è ancora configurata. Avvisi { $agency }.
problem-locked = Al momento { $agency } non accetta account. Si rivolga a loro.
fresh-asked = La richiesta è stata inviata a { $agency }
    .text = Riceverà da loro un nuovo link. Può chiudere questa pagina.
got = Accesso come

# Receipt
receipt-title = Che cosa ha collegato
receipt-lead = Questi account sono collegati a { $agency }.
receipt-none = Nulla è collegato.
receipt-list = Torna ai Suoi account
connected-at = Collegato
withdrawn-at = Revocato
allowed = Consentito
withdraw = Revoca l’accesso
end-there = Termini Lei stesso su { $name }
download = Scarica questa ricevuta (JSON firmato)
return = Torna a { $agency }

# Withdrawing
withdraw-title = Revocare l’accesso?
withdraw-effect = { $agency } non potrà più lavorare con questo account. Ciò che è pubblicato resta, e può collegarlo di nuovo.
withdrawal-revoked = L’accesso è revocato
    .text = È terminato anche su { $name }.
withdrawal-retrying = Qui l’accesso è revocato
    .text = { $name } non lo ha ancora confermato; continuiamo a provare.
withdrawal-by-hand = Qui l’accesso è revocato
    .text = Rimuova l’app anche nelle Sue impostazioni di { $name }; solo Lei può farlo.

# Another device
device-title = Continua su un altro dispositivo
device-how = Apra lì questo indirizzo o scansioni l’immagine:
device-minutes = { $count ->
    [one] Vale per { $count } minuto.
   *[other] Vale per { $count } minuti.
}
device-private = Lo tenga per sé: chi lo apre può continuare al Suo posto.

# Waiting
waiting-title = Ci siamo quasi
waiting-answer = { $name } ha risposto; i Suoi account sono in lettura.
waiting-time = Bastano pochi secondi.
look-again = Guarda di nuovo
visit-over = La sua visita è terminata
    .text = Per la sua sicurezza una visita dura mezz’ora. Apra di nuovo il link del messaggio; ciò che ha collegato non va perso.
    .next = Ricominciare

# A message with the link
invitation = { $agency } le chiede di collegare i suoi account
    .text = Buongiorno, { $agency } le chiede di collegare i suoi account social ({ $name }). Servono circa due minuti; accede direttamente alle piattaforme e nessuno vede la sua password. Apra questo link:
