# Around every page
skip = Ir al contenido
language = Idioma
foot = Mooring mantiene la conexión; su contraseña se queda en la plataforma.
caution-address = Este nombre parece una dirección web. Es solo un nombre: no dice nada sobre quién hace la solicitud.
caution-mixed = Este nombre mezcla letras de distintos alfabetos que se parecen. Asegúrese de saber quién hace la solicitud.
colon = :
comma = ,{ " " }
until = Válido hasta
other-site = lleva a otro sitio
back = Volver
unexpected = ¿No lo esperaba? Simplemente cierre esta página; no se ha conectado nada.
wait = { $count ->
    [one] Vuelva a intentarlo dentro de { $count } minuto.
   *[other] Vuelva a intentarlo dentro de { $count } minutos.
}

# Landing
landing-title = Conecte sus cuentas con { $agency }
landing-lead = { $agency } le pide que conecte sus cuentas de redes sociales. Se tarda unos dos minutos.
landing-platforms = Se le pedirá
landing-password = Usted inicia sesión en la propia plataforma. Nadie aquí ve nunca su contraseña.
landing-choice = Usted elige qué cuentas conectar y puede retirar el acceso en cualquier momento.
landing-start = Empezar
gate-password = Contraseña de este enlace
gate-hint = Se la ha dado { $agency }. No escriba ninguna contraseña suya.
gate-wrong = { $count ->
    [one] Esa contraseña no es correcta. Le queda { $count } intento.
   *[other] Esa contraseña no es correcta. Le quedan { $count } intentos.
}
gate-locked = Se ha escrito demasiadas veces una contraseña incorrecta.
elsewhere-title = Mejor en su propio navegador
elsewhere-why = Esta página está abierta dentro de otra aplicación. Algunas plataformas no permiten iniciar sesión ahí.
elsewhere-open = Abrir en su navegador
elsewhere-copy = O copie esta dirección en su navegador:
elsewhere-scan = O escanéela con otro dispositivo:
elsewhere-stay = También puede continuar aquí.
qr = Código QR de la dirección

# Checklist
checklist-title = Sus cuentas para { $agency }
progress = { $count } de { $total } conectadas
connect-platform = Conectar { $name }
reconnect-platform = Renovar { $name }
choose-account = Elegir la cuenta
state-open = Aún sin conectar
state-renew = Hay que renovarla
state-choose = Falta un paso
state-connected = Conectada
state-withdrawn = Acceso retirado
optional = opcional
expected = Cuenta esperada
adds = Conectar otra cuenta
finish = Terminar
finish-hint = Puede volver a esta página mientras el enlace sea válido.
connected-now = { $count ->
    [one] La cuenta está conectada
   *[other] { $count } cuentas están conectadas
}

# Kinds of accounts
kind-page = Página
kind-profile = Perfil
kind-organization = Página de empresa
kind-channel = Canal
kind-location = Ubicación de empresa
kind-instagram-business = Cuenta de empresa
kind-instagram-creator = Cuenta de creador
kind-account = Cuenta

# Consent
consent-title = Conectar { $name }
consent-lead = { $agency } solicita trabajar con su cuenta de { $name }.
consent-way = A través de
consent-also = También se solicita
consent-place = Inicie sesión en { $name } y después volverá aquí.
consent-keep = Ya hay cuentas conectadas. Déjelas marcadas en { $name }: lo que quede sin marcar pierde su conexión.
consent-allow = Lo que usted permite
consent-cannot = Lo que no permite
consent-go = Continuar a { $name }
consent-end = Puede terminarlo en cualquier momento: en su comprobante o en sus ajustes de { $name }.
connect = Ver qué cuentas gestiona en { $name }, con su nombre y su imagen.
    .why = Así puede elegir qué conectar.
    .never = Su contraseña nunca se comparte con nadie.
publish = Publicar en las cuentas que elija en { $name }.
    .short = Publicar
    .why = Así pueden aparecer allí las publicaciones planificadas.
    .never = Nunca se publica nada en una cuenta que usted no haya elegido.
    .cannot = Publicar nada
analytics = Leer las cifras de las cuentas que elija en { $name }.
    .short = Leer cifras
    .why = Así puede ver cómo funcionan las publicaciones.
    .never = Esto por sí solo nunca permite publicar ni cambiar nada.
    .cannot = Leer sus cifras
messages = Leer y responder los mensajes de las cuentas que elija en { $name }.
    .short = Leer y responder mensajes
    .why = Así los mensajes se pueden responder en un solo lugar.
    .never = Nunca se envía un mensaje que nadie haya escrito.
    .cannot = Leer sus mensajes
audience = Ver sus seguidores en { $name } en conjunto: países, ciudades y edades.
    .short = Ver seguidores en conjunto
    .why = Así puede ver a quién llegan las publicaciones.
    .never = Nunca muestra quién es un seguidor concreto.
    .cannot = Ver quién le sigue

# Choosing
pick-question = ¿Es esta la cuenta correcta?
pick-yes = Sí, conectarla
pick-no = No, usar otra cuenta
pick-title = ¿Qué cuentas desea conectar?
pick-none = Aquí todavía no se puede conectar nada
pick-room = { $count ->
    [one] Puede elegir { $count } cuenta.
   *[other] Puede elegir hasta { $count } cuentas.
}
pick-submit = Conectar las cuentas elegidas
pick-here = Conectada; elíjala para renovarla
pick-blocked = No se puede conectar ahora
pick-missing = ¿Falta una cuenta?
pick-role = Su función
pick-fix = Solucionarlo

# How connecting ended
denied = No se ha conectado nada
    .text = Ha cancelado en la plataforma. Si fue un error, vuelva a intentarlo y permita lo que se solicita.
    .next = Volver a intentarlo
wrong-account = Esa era otra cuenta
    .text = Ha iniciado sesión con una cuenta distinta de la esperada, así que no se ha cambiado nada.
    .next = Usar otra cuenta
personal-not-business = Esta cuenta es de otro tipo
    .text = La plataforma no permite conectar cuentas personales. Cámbiela allí a una cuenta de empresa o de creador y vuelva a intentarlo.
    .next = Volver a intentarlo
no-pages = No se ha encontrado ninguna página
    .text = Usted no gestiona ninguna página allí o no ha marcado ninguna. Inicie sesión como responsable de la página y déjela marcada.
    .next = Volver a intentarlo
page-without-instagram = No hay ninguna cuenta de Instagram vinculada
    .text = La página no tiene vinculada ninguna cuenta de empresa de Instagram. Vincúlela en los ajustes de la página y vuelva a intentarlo.
    .next = Volver a intentarlo
missing-permission = Falta un permiso
    .text = No se ha permitido algo necesario. Vuelva a intentarlo y déjelo todo marcado.
    .next = Permitir lo que falta
connected-elsewhere = Esta cuenta se usa en otro lugar
    .text = Ya está conectada en otro espacio de trabajo. Elija otra cuenta o consulte a { $agency }.
    .next = Usar otra cuenta
plan-full = No queda sitio
    .text = { $agency } no puede añadir otra cuenta por ahora. Le rogamos que se lo comunique.
    .next = Volver a sus cuentas
link-expired = Este enlace ha caducado
    .text = Pida uno nuevo a { $agency }; basta con pulsar una vez.
    .next = Pedir un enlace nuevo
link-paused = Este enlace está en pausa
    .text = { $agency } lo ha puesto en pausa. Puede pedir uno nuevo.
    .next = Pedir un enlace nuevo
link-used-up = Este enlace está agotado
    .text = Ya hay tantas cuentas conectadas como permite. Puede pedir uno nuevo a { $agency }.
    .next = Pedir un enlace nuevo
link-unknown = Este enlace no funciona
    .text = Puede que esté incompleto o se haya sustituido. Abra de nuevo el mensaje más reciente con el enlace o pregunte a quien se lo envió.
    .next = Volver a intentarlo
platform-down = La plataforma no responde
    .text = Tiene problemas en este momento. No se ha cambiado nada; vuelva a intentarlo dentro de unos minutos.
    .next = Volver a intentarlo
attempt-expired = Ha tardado demasiado
    .text = Por su seguridad, un inicio de sesión solo es válido unos minutos. Empiece de nuevo.
    .next = Empezar de nuevo
cookies-blocked = Su navegador bloquea las cookies
    .text = Se necesita una cookie para que solo usted pueda terminar. Permita las cookies en esta página y vuelva a intentarlo.
    .next = Volver a intentarlo
in-app-browser = Use su propio navegador
    .text = La plataforma no permite iniciar sesión dentro de otra aplicación. Abra esta página en su navegador.
    .next = Abrir en su navegador
already-connected = Esta cuenta ya está conectada
    .text = No hay nada más que hacer con ella.
    .next = Volver a sus cuentas
removed = Se ha retirado el acceso
    .text = { $agency } ya no puede trabajar con esta cuenta. Puede volver a conectarla.
    .next = Volver a conectar
too-many-attempts = Demasiados intentos
    .text = Para proteger sus cuentas hay una breve pausa. Vuelva a intentarlo más tarde.
    .next = Volver a intentarlo
other = Algo ha fallado
    .text = No se ha cambiado nada. Vuelva a intentarlo; si ocurre otra vez, avise a { $agency }.
    .next = Volver a intentarlo
problem-role = Su función en ella no es suficiente. Pida a su administrador que la conecte o que le dé el control total.
problem-restricted = La plataforma ha restringido esta cuenta. Resuélvalo primero con la plataforma.
problem-not-shared = No se compartió en la plataforma. Vuelva a conectar y déjela marcada allí.
problem-not-reviewed = Todavía no se puede publicar, porque la plataforma aún está revisando la aplicación.
problem-not-found = La plataforma no le muestra esta cuenta. Compruébela allí.
problem-threads-taken = Ya hay otra cuenta de Threads vinculada a esta cuenta de Instagram.
problem-sign-in-again = La conexión ha terminado. Inicie sesión de nuevo en la plataforma.
problem-not-set-up = Esta plataforma aún no está configurada. Avise a { $agency }.
problem-locked = { $agency } no acepta cuentas por ahora. Consulte allí.
fresh-asked = Se ha avisado a { $agency }
    .text = Recibirá de allí un enlace nuevo. Puede cerrar esta página.
got = Sesión iniciada como

# Receipt
receipt-title = Lo que ha conectado
receipt-lead = Estas cuentas están conectadas con { $agency }.
receipt-none = No hay nada conectado.
receipt-list = Volver a sus cuentas
connected-at = Conectada
withdrawn-at = Retirada
allowed = Permitido
withdraw = Retirar el acceso
end-there = Terminarlo usted en { $name }
download = Descargar este comprobante (JSON firmado)
return = Volver a { $agency }

# Withdrawing
withdraw-title = ¿Retirar el acceso?
withdraw-effect = { $agency } ya no podrá trabajar con esta cuenta. Lo publicado se mantiene y puede volver a conectarla.
withdrawal-revoked = El acceso se ha retirado
    .text = También ha terminado en { $name }.
withdrawal-retrying = El acceso se ha retirado aquí
    .text = { $name } aún no lo ha confirmado; seguimos intentándolo.
withdrawal-by-hand = El acceso se ha retirado aquí
    .text = Elimine también la aplicación en sus ajustes de { $name }; solo usted puede hacerlo.

# Another device
device-title = Continuar en otro dispositivo
device-how = Abra allí esta dirección o escanee la imagen:
device-minutes = { $count ->
    [one] Es válida durante { $count } minuto.
   *[other] Es válida durante { $count } minutos.
}
device-private = No la comparta: quien la abra puede continuar en su lugar.

# Waiting
waiting-title = Ya casi está
waiting-answer = { $name } ha respondido; se están leyendo sus cuentas.
waiting-time = Tarda unos segundos.
look-again = Mirar otra vez
visit-over = Su visita ha terminado
    .text = Por su seguridad, una visita dura media hora. Abra de nuevo el enlace del mensaje; lo que ha conectado no se pierde.
    .next = Empezar de nuevo

# A message with the link
invitation = { $agency } le pide que conecte sus cuentas
    .text = Hola: { $agency } le pide que conecte sus cuentas de redes sociales ({ $name }). Tarda unos dos minutos; usted inicia sesión en las propias plataformas y nadie ve su contraseña. Abra este enlace:
