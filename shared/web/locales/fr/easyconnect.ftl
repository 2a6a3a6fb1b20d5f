# Around every page
skip = Aller au contenu
language = Langue
foot = Mooring maintient la connexion ; votre mot de passe reste chez la plateforme.
caution-address = Ce nom ressemble à une adresse web. Ce n’est qu’un nom : il ne dit rien de l’auteur de la demande.
caution-mixed = Ce nom mélange des lettres d’alphabets différents qui se ressemblent. Assurez-vous de savoir qui fait la demande.
colon = { "\u00A0" }:
comma = ,{ " " }
until = Valable jusqu’au
other-site = mène à un autre site
back = Retour
unexpected = Vous ne vous y attendiez pas ? Fermez simplement cette page ; rien n’a été connecté.
wait = { $count ->
    [one] Veuillez réessayer dans { $count } minute.
   *[other] Veuillez réessayer dans { $count } minutes.
}

# Landing
landing-title = Connectez vos comptes à { $agency }
landing-lead = { $agency } vous demande de connecter vos comptes de réseaux sociaux. Cela prend environ deux minutes.
landing-platforms = Plateformes demandées
landing-password = Vous vous identifiez sur la plateforme elle-même. Personne ici ne voit jamais votre mot de passe.
landing-choice = Vous choisissez les comptes à connecter et pouvez retirer l’accès à tout moment.
landing-start = Commencer
gate-password = Mot de passe de ce lien
gate-hint = { $agency } vous l’a communiqué. Ne saisissez aucun de vos propres mots de passe.
gate-wrong = { $count ->
    [one] Ce mot de passe n’est pas le bon. Il vous reste { $count } essai.
   *[other] Ce mot de passe n’est pas le bon. Il vous reste { $count } essais.
}
gate-locked = Un mot de passe erroné a été saisi trop souvent.
elsewhere-title = Mieux dans votre propre navigateur
elsewhere-why = Cette page est ouverte dans une autre application. Certaines plateformes ne permettent pas de s’y identifier.
elsewhere-open = Ouvrir dans votre navigateur
elsewhere-copy = Ou copiez cette adresse dans votre navigateur :
elsewhere-scan = Ou scannez-la avec un autre appareil :
elsewhere-stay = Vous pouvez aussi continuer ici.
qr = Code QR de l’adresse

# Checklist
checklist-title = Vos comptes pour { $agency }
progress = { $count } sur { $total } connectés
connect-platform = Connecter { $name }
reconnect-platform = Renouveler { $name }
choose-account = Choisir le compte
state-open = Pas encore connecté
state-renew = À renouveler
state-choose = Encore une étape
state-connected = Connecté
state-withdrawn = Accès retiré
optional = facultatif
expected = Compte attendu
adds = Connecter un autre compte
finish = Terminer
finish-hint = Vous pouvez revenir sur cette page tant que le lien est valable.
connected-now = { $count ->
    [one] Le compte est connecté
   *[other] { $count } comptes sont connectés
}

# Kinds of accounts
kind-page = Page
kind-profile = Profil
kind-organization = Page d’entreprise
kind-channel = Chaîne
kind-location = Établissement
kind-instagram-business = Compte professionnel
kind-instagram-creator = Compte créateur
kind-account = Compte

# Consent
consent-title = Connecter { $name }
consent-lead = { $agency } demande à travailler avec votre compte { $name }.
consent-way = Au moyen de
consent-also = Également demandé
consent-place = Vous vous identifiez sur { $name }, puis vous revenez ici.
consent-keep = Des comptes sont déjà connectés. Laissez-les cochés sur { $name } : tout ce qui n’y est pas coché perd sa connexion.
consent-allow = Ce que vous autorisez
consent-cannot = Ce que cela ne permet pas
consent-go = Continuer vers { $name }
consent-end = Vous pouvez y mettre fin à tout moment : sur votre reçu ou dans vos paramètres { $name }.
connect = Voir quels comptes vous gérez sur { $name }, avec leur nom et leur image.
    .why = Pour que vous choisissiez ce qui est connecté.
    .never = Votre mot de passe n’est jamais communiqué à personne.
publish = Publier sur les comptes que vous choisissez sur { $name }.
    .short = Publier
    .why = Pour que les publications prévues puissent y paraître.
    .never = Rien n’est jamais publié sur un compte que vous n’avez pas choisi.
    .cannot = Publier quoi que ce soit
analytics = Lire les chiffres des comptes que vous choisissez sur { $name }.
    .short = Lire les chiffres
    .why = Pour que vous voyiez l’effet des publications.
    .never = Cela seul ne permet jamais de publier ni de modifier quoi que ce soit.
    .cannot = Lire vos chiffres
messages = Lire les messages des comptes que vous choisissez sur { $name } et y répondre.
    .short = Lire les messages et y répondre
    .why = Pour répondre aux messages depuis un seul endroit.
    .never = Aucun message n’est jamais envoyé sans que quelqu’un l’ait écrit.
    .cannot = Lire vos messages
audience = Voir vos abonnés sur { $name } dans leur ensemble : pays, villes et âges.
    .short = Voir les abonnés dans leur ensemble
    .why = Pour que vous voyiez qui les publications atteignent.
    .never = L’identité d’un abonné n’est jamais montrée.
    .cannot = Voir qui vous suit

# Choosing
pick-question = Est-ce le bon compte ?
pick-yes = Oui, le connecter
pick-no = Non, utiliser un autre compte
pick-title = Quels comptes souhaitez-vous connecter ?
pick-none = Rien ne peut encore être connecté ici
pick-room = { $count ->
    [one] Vous pouvez choisir { $count } compte.
   *[other] Vous pouvez choisir jusqu’à { $count } comptes.
}
pick-submit = Connecter les comptes choisis
pick-here = Connecté ; choisissez-le pour le renouveler
pick-blocked = Connexion impossible pour le moment
pick-missing = Un compte manque-t-il ?
pick-role = Votre rôle
pick-fix = Corriger

# How connecting ended
denied = Rien n’a été connecté
    .text = Vous avez annulé sur la plateforme. Si c’était une erreur, réessayez et autorisez ce qui est demandé.
    .next = Réessayer
wrong-account = C’était un autre compte
    .text = Vous vous êtes identifié avec un autre compte que celui attendu ; rien n’a été modifié.
    .next = Utiliser un autre compte
personal-not-business = Ce compte est d’un autre type
    .text = La plateforme ne permet pas de connecter des comptes personnels. Passez-y à un compte professionnel ou créateur, puis réessayez.
    .next = Réessayer
no-pages = Aucune page trouvée
    .text = Vous n’y gérez aucune page ou n’en avez coché aucune. Identifiez-vous comme gestionnaire de la page et laissez-la cochée.
    .next = Réessayer
page-without-instagram = Aucun compte Instagram n’est associé
    .text = Aucun compte professionnel Instagram n’est associé à la page. Associez-le dans les paramètres de la page, puis réessayez.
    .next = Réessayer
missing-permission = Il manque une autorisation
    .text = Un élément nécessaire n’a pas été autorisé. Réessayez et laissez tout coché.
    .next = Autoriser ce qui manque
connected-elsewhere = Ce compte est utilisé ailleurs
    .text = Il est déjà connecté dans un autre espace de travail. Choisissez un autre compte ou adressez-vous à { $agency }.
    .next = Utiliser un autre compte
plan-full = Il n’y a plus de place
    .text = { $agency } ne peut pas ajouter d’autre compte pour le moment. Merci de l’en informer.
    .next = Retour à vos comptes
link-expired = Ce lien a expiré
    .text = Demandez-en un nouveau à { $agency } ; il suffit d’appuyer une fois.
    .next = Demander un nouveau lien
link-paused = Ce lien est suspendu
    .text = { $agency } l’a suspendu. Vous pouvez en demander un nouveau.
    .next = Demander un nouveau lien
link-used-up = Ce lien est épuisé
    .text = Il a servi pour autant de comptes qu’il le permet. Vous pouvez en demander un nouveau à { $agency }.
    .next = Demander un nouveau lien
link-unknown = Ce lien ne fonctionne pas
    .text = Il est peut-être incomplet ou a été remplacé. Rouvrez le message le plus récent contenant le lien ou adressez-vous à son expéditeur.
    .next = Réessayer
platform-down = La plateforme ne répond pas
    .text = Elle rencontre un problème en ce moment. Rien n’a été modifié ; veuillez réessayer dans quelques minutes.
    .next = Réessayer
attempt-expired = Cela a pris trop de temps
    .text = Pour votre sécurité, une identification n’est valable que quelques minutes. Veuillez recommencer.
    .next = Recommencer
cookies-blocked = Votre navigateur bloque les cookies
    .text = Un cookie est nécessaire pour que vous seul puissiez terminer. Autorisez les cookies pour cette page, puis réessayez.
    .next = Réessayer
in-app-browser = Veuillez utiliser votre propre navigateur
    .text = La plateforme ne permet pas de s’identifier dans une autre application. Ouvrez cette page dans votre navigateur.
    .next = Ouvrir dans votre navigateur
already-connected = Ce compte est déjà connecté
    .text = Il n’y a rien de plus à faire pour lui.
    .next = Retour à vos comptes
removed = L’accès a été retiré
    .text = { $agency } ne peut plus travailler avec ce compte. Vous pouvez le connecter de nouveau.
    .next = Connecter de nouveau
too-many-attempts = Trop de tentatives
    .text = Pour protéger vos comptes, une courte pause est nécessaire. Veuillez réessayer plus tard.
    .next = Réessayer
other = Un problème est survenu
    .text = Rien n’a été modifié. Veuillez réessayer ; si cela se reproduit, prévenez { $agency }.
    .next = Réessayer
problem-role = Votre rôle ne suffit pas. Demandez à son administrateur de le connecter ou de vous donner le contrôle total.
problem-restricted = La plateforme a restreint ce compte. Réglez d’abord cela avec elle.
problem-not-shared = Il n’a pas été partagé sur la plateforme. Connectez-vous de nouveau et laissez-le coché.
problem-not-reviewed = Il n’est pas encore possible de publier, car la plateforme examine encore l’application.
problem-not-found = La plateforme ne vous montre pas ce compte. Veuillez le vérifier sur celle-ci.
problem-threads-taken = Un autre compte Threads est déjà associé à ce compte Instagram.
problem-sign-in-again = La connexion a pris fin. Veuillez vous identifier de nouveau sur la plateforme.
problem-not-set-up = Cette plateforme n’est pas encore configurée. Veuillez prévenir { $agency }.
problem-locked = { $agency } n’accepte pas de comptes pour le moment. Veuillez vous y adresser.
fresh-asked = La demande est parvenue à { $agency }
    .text = Vous en recevrez un nouveau lien. Vous pouvez fermer cette page.
got = Identifié comme

# Receipt
receipt-title = Ce que vous avez connecté
receipt-lead = Ces comptes sont connectés à { $agency }.
receipt-none = Rien n’est connecté.
receipt-list = Retour à vos comptes
connected-at = Connecté
withdrawn-at = Retiré
allowed = Autorisé
withdraw = Retirer l’accès
end-there = Y mettre fin vous-même sur { $name }
download = Télécharger ce reçu (JSON signé)
return = Retour à { $agency }

# Withdrawing
withdraw-title = Retirer l’accès ?
withdraw-effect = { $agency } ne pourra plus travailler avec ce compte. Ce qui est publié demeure, et vous pouvez le connecter de nouveau.
withdrawal-revoked = L’accès est retiré
    .text = Il a également pris fin sur { $name }.
withdrawal-retrying = L’accès est retiré ici
    .text = { $name } ne l’a pas encore confirmé ; nous continuons d’essayer.
withdrawal-by-hand = L’accès est retiré ici
    .text = Supprimez aussi l’application dans vos paramètres { $name } ; vous seul pouvez le faire.

# Another device
device-title = Continuer sur un autre appareil
device-how = Ouvrez-y cette adresse ou scannez l’image :
device-minutes = { $count ->
    [one] Elle est valable { $count } minute.
   *[other] Elle est valable { $count } minutes.
}
device-private = Gardez-la pour vous : quiconque l’ouvre peut continuer à votre place.

# Waiting
waiting-title = C’est presque fini
waiting-answer = { $name } a répondu ; vos comptes sont en cours de lecture.
waiting-time = Cela prend quelques secondes.
look-again = Vérifier de nouveau
visit-over = Votre visite est terminée
    .text = Pour votre sécurité, une visite dure une demi-heure. Veuillez rouvrir le lien du message ; ce que vous avez connecté n’est pas perdu.
    .next = Recommencer

# A message with the link
invitation = { $agency } vous demande de connecter vos comptes
    .text = Bonjour, { $agency } vous demande de connecter vos comptes de réseaux sociaux ({ $name }). Cela prend environ deux minutes ; vous vous connectez sur les plateformes elles-mêmes et personne ne voit votre mot de passe. Veuillez ouvrir ce lien :
