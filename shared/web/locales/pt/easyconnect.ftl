# Around every page
skip = Ir para o conteúdo
language = Idioma
foot = A Mooring mantém a ligação; a sua palavra-passe fica na plataforma.
caution-address = Este nome parece um endereço web. É apenas um nome: não diz nada sobre quem faz o pedido.
caution-mixed = Este nome mistura letras de alfabetos diferentes que se parecem. Certifique-se de que sabe quem faz o pedido.
colon = :
comma = ,{ " " }
until = Válido até
other-site = leva a outro site
back = Voltar
unexpected = Não estava à espera? Basta fechar esta página; nada foi ligado.
wait = { $count ->
    [one] Tente novamente daqui a { $count } minuto.
   *[other] Tente novamente daqui a { $count } minutos.
}

# Landing
landing-title = Ligue as suas contas a { $agency }
landing-lead = { $agency } pede-lhe que ligue as suas contas de redes sociais. Demora cerca de dois minutos.
landing-platforms = Ser-lhe-á pedido
landing-password = O início de sessão é feito na própria plataforma. Ninguém aqui vê a sua palavra-passe.
landing-choice = Escolhe que contas ligar e pode retirar o acesso em qualquer altura.
landing-start = Começar
gate-password = Palavra-passe deste link
gate-hint = Foi-lhe dada por { $agency }. Não escreva nenhuma palavra-passe sua.
gate-wrong = { $count ->
    [one] Essa palavra-passe não está correta. Resta-lhe { $count } tentativa.
   *[other] Essa palavra-passe não está correta. Restam-lhe { $count } tentativas.
}
gate-locked = Foi introduzida demasiadas vezes uma palavra-passe errada.
elsewhere-title = Melhor no seu próprio navegador
elsewhere-why = Esta página está aberta dentro de outra aplicação. Algumas plataformas não permitem iniciar sessão aí.
elsewhere-open = Abrir no seu navegador
elsewhere-copy = Ou copie este endereço para o seu navegador:
elsewhere-scan = Ou digitalize-o com outro dispositivo:
elsewhere-stay = Também pode continuar aqui.
qr = Código QR do endereço

# Checklist
checklist-title = As suas contas para { $agency }
progress = { $count } de { $total } ligadas
connect-platform = Ligar { $name }
reconnect-platform = Renovar { $name }
choose-account = Escolher a conta
state-open = Ainda não ligada
state-renew = É preciso renovar
state-choose = Falta um passo
state-connected = Ligada
state-withdrawn = Acesso retirado
optional = opcional
expected = Conta esperada
adds = Ligar outra conta
finish = Concluir
finish-hint = Pode voltar a esta página enquanto o link for válido.
connected-now = { $count ->
    [one] A conta está ligada
   *[other] { $count } contas estão ligadas
}

# Kinds of accounts
kind-page = Página
kind-profile = Perfil
kind-organization = Página de empresa
kind-channel = Canal
kind-location = Local da empresa
kind-instagram-business = Conta empresarial
kind-instagram-creator = Conta de criador
kind-account = Conta

# Consent
consent-title = Ligar { $name }
consent-lead = { $agency } pede para trabalhar com a sua conta { $name }.
consent-way = Através de
consent-also = Também pedido
consent-place = Inicia sessão em { $name } e depois volta aqui.
consent-keep = Já há contas ligadas. Deixe-as assinaladas em { $name }: o que ficar por assinalar perde a ligação.
consent-allow = O que permite
consent-cannot = O que não é possível
consent-go = Continuar para { $name }
consent-end = Pode terminar em qualquer altura: no seu recibo ou nas suas definições de { $name }.
connect = Ver que contas gere em { $name }, com o nome e a imagem.
    .why = Para que possa escolher o que ligar.
    .never = A sua palavra-passe nunca é partilhada com ninguém.
publish = Publicar nas contas que escolher em { $name }.
    .short = Publicar
    .why = Para que as publicações planeadas possam aparecer lá.
    .never = Nunca é publicado nada numa conta que não tenha escolhido.
    .cannot = Publicar seja o que for
analytics = Ler os números das contas que escolher em { $name }.
    .short = Ler números
    .why = Para que veja como correm as publicações.
    .never = Isto por si só nunca permite publicar nem alterar nada.
    .cannot = Ler os seus números
messages = Ler e responder às mensagens das contas que escolher em { $name }.
    .short = Ler e responder a mensagens
    .why = Para que se possa responder às mensagens num só lugar.
    .never = Nunca é enviada uma mensagem que ninguém escreveu.
    .cannot = Ler as suas mensagens
audience = Ver os seus seguidores em { $name } no conjunto: países, cidades e idades.
    .short = Ver seguidores no conjunto
    .why = Para que veja quem as publicações alcançam.
    .never = Nunca mostra quem é um seguidor em particular.
    .cannot = Ver quem o segue

# Choosing
pick-question = É esta a conta certa?
pick-yes = Sim, ligar
pick-no = Não, usar outra conta
pick-title = Que contas deseja ligar?
pick-none = Ainda não é possível ligar nada aqui
pick-room = { $count ->
    [one] Pode escolher { $count } conta.
   *[other] Pode escolher até { $count } contas.
}
pick-submit = Ligar as contas escolhidas
pick-here = Ligada; escolha-a para renovar
pick-blocked = Não é possível ligar agora
pick-missing = Falta alguma conta?
pick-role = A sua função
pick-fix = Resolver

# How connecting ended
denied = Nada foi ligado
    .text = Cancelou na plataforma. Se foi engano, tente novamente e permita o que é pedido.
    .next = Tentar novamente
wrong-account = Essa era outra conta
    .text = Iniciou sessão com uma conta diferente da esperada, por isso nada foi alterado.
    .next = Usar outra conta
personal-not-business = Esta conta é de outro tipo
    .text = A plataforma não permite ligar contas pessoais. Mude-a lá para conta empresarial ou de criador e tente novamente.
    .next = Tentar novamente
no-pages = Não foram encontradas páginas
    .text = Não gere lá nenhuma página ou não assinalou nenhuma. Inicie sessão como gestor da página e deixe-a assinalada.
    .next = Tentar novamente
page-without-instagram = Nenhuma conta do Instagram está associada
    .text = A página não tem nenhuma conta empresarial do Instagram associada. Associe-a nas definições da página e tente novamente.
    .next = Tentar novamente
missing-permission = Falta uma permissão
    .text = Algo necessário não foi permitido. Tente novamente e deixe tudo assinalado.
    .next = Permitir o que falta
connected-elsewhere = Esta conta é usada noutro lugar
    .text = Já está ligada noutro espaço de trabalho. Escolha outra conta ou pergunte a { $agency }.
    .next = Usar outra conta
plan-full = Já não há lugar
    .text = De momento, { $agency } não pode aceitar outra conta. Agradecemos que informe.
    .next = Voltar às suas contas
link-expired = Este link expirou
    .text = Peça um novo a { $agency }; basta premir uma vez.
    .next = Pedir um novo link
link-paused = Este link está em pausa
    .text = { $agency } colocou-o em pausa. Pode pedir um novo.
    .next = Pedir um novo link
link-used-up = Este link está esgotado
    .text = Já estão ligadas tantas contas quantas permite. Pode pedir um novo a { $agency }.
    .next = Pedir um novo link
link-unknown = Este link não funciona
    .text = Pode estar incompleto ou ter sido substituído. Abra de novo a mensagem mais recente com o link ou pergunte a quem o enviou.
    .next = Tentar novamente
platform-down = A plataforma não responde
    .text = Está com problemas neste momento. Nada foi alterado; tente novamente dentro de alguns minutos.
    .next = Tentar novamente
attempt-expired = Demorou demasiado tempo
    .text = Para sua segurança, um início de sessão só é válido durante alguns minutos. Comece de novo.
    .next = Começar de novo
cookies-blocked = O seu navegador bloqueia os cookies
    .text = É necessário um cookie para que só o próprio possa concluir. Permita os cookies nesta página e tente novamente.
    .next = Tentar novamente
in-app-browser = Use o seu próprio navegador
    .text = A plataforma não permite iniciar sessão dentro de outra aplicação. Abra esta página no seu navegador.
    .next = Abrir no seu navegador
already-connected = Esta conta já está ligada
    .text = Não há mais nada a fazer.
    .next = Voltar às suas contas
removed = O acesso foi retirado
    .text = { $agency } já não pode trabalhar com esta conta. Pode ligá-la novamente.
    .next = Ligar novamente
too-many-attempts = Demasiadas tentativas
    .text = Para proteger as suas contas, há uma breve pausa. Tente novamente mais tarde.
    .next = Tentar novamente
other = Algo correu mal
    .text = Nada foi alterado. Tente novamente; se voltar a acontecer, informe { $agency }.
    .next = Tentar novamente
problem-role = A sua função não é suficiente. Peça ao administrador que a ligue ou que lhe dê controlo total.
problem-restricted = A plataforma restringiu esta conta. Resolva isso primeiro com a plataforma.
problem-not-shared = Não foi partilhada na plataforma. Ligue novamente e deixe-a assinalada lá.
problem-not-reviewed = Ainda não é possível publicar, porque a plataforma ainda está a analisar a aplicação.
problem-not-found = A plataforma não lhe mostra esta conta. Verifique-a lá.
problem-threads-taken = Outra conta do Threads já está associada a esta conta do Instagram.
problem-sign-in-again = A ligação terminou. Inicie sessão novamente na plataforma.
problem-not-set-up = Esta plataforma ainda não está configurada. Informe { $agency }.
problem-locked = De momento, { $agency } não aceita contas. Pergunte diretamente.
fresh-asked = O pedido foi enviado a { $agency }
    .text = Receberá um novo link. Pode fechar esta página.
got = Sessão iniciada como

# Receipt
receipt-title = O que ligou
receipt-lead = Estas contas estão ligadas a { $agency }.
receipt-none = Nada está ligado.
receipt-list = Voltar às suas contas
connected-at = Ligada
withdrawn-at = Retirada
allowed = Permitido
withdraw = Retirar o acesso
end-there = Terminar em { $name }
download = Descarregar este recibo (JSON assinado)
return = Voltar a { $agency }

# Withdrawing
withdraw-title = Retirar o acesso?
withdraw-effect = { $agency } deixará de poder trabalhar com esta conta. O que está publicado mantém-se, e pode ligá-la novamente.
withdrawal-revoked = O acesso foi retirado
    .text = Terminou também em { $name }.
withdrawal-retrying = O acesso foi retirado aqui
    .text = { $name } ainda não confirmou; continuamos a tentar.
withdrawal-by-hand = O acesso foi retirado aqui
    .text = Remova também a aplicação nas suas definições de { $name }; só o próprio o pode fazer.

# Another device
device-title = Continuar noutro dispositivo
device-how = Abra lá este endereço ou digitalize a imagem:
device-minutes = { $count ->
    [one] É válido durante { $count } minuto.
   *[other] É válido durante { $count } minutos.
}
device-private = Guarde-o para si: quem o abrir pode continuar em seu lugar.

# Waiting
waiting-title = Quase pronto
waiting-answer = { $name } respondeu; as suas contas estão a ser lidas.
waiting-time = Demora alguns segundos.
look-again = Ver de novo
visit-over = A sua visita terminou
    .text = Para sua segurança, uma visita dura meia hora. Abra novamente o link da mensagem; o que ligou não se perde.
    .next = Começar de novo

# A message with the link
invitation = { $agency } pede-lhe que ligue as suas contas
    .text = Olá! { $agency } pede-lhe que ligue as suas contas de redes sociais ({ $name }). Demora cerca de dois minutos; inicia sessão nas próprias plataformas e ninguém vê a sua palavra-passe. Abra este link:
