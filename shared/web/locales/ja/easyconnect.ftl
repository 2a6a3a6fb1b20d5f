# Around every page
skip = 本文へ移動
language = 言語
foot = 接続は Mooring が維持します。パスワードはプラットフォームの外に出ません。
caution-address = この名前はウェブアドレスのように見えます。名前にすぎず、依頼者が誰かを示すものではありません。
caution-mixed = この名前には、よく似た異なる文字体系の文字が混ざっています。依頼者が誰かをご確認ください。
colon = ：
comma = 、
until = 有効期限
other-site = 別のサイトへ移動します
back = 戻る
unexpected = お心当たりがない場合は、このページを閉じてください。何も接続されていません。
wait = { $count } 分後にもう一度お試しください。

# Landing
landing-title = { $agency } にアカウントを接続する
landing-lead = { $agency } が、ソーシャルメディアのアカウントの接続をお願いしています。所要時間は約 2 分です。
landing-platforms = 対象のプラットフォーム
landing-password = ログインはプラットフォームの画面で行います。ここではパスワードを誰も見ることができません。
landing-choice = 接続するアカウントはお客様が選び、いつでも取り消せます。
landing-start = 始める
gate-password = このリンクのパスワード
gate-hint = { $agency } からお知らせしたものです。ご自身のパスワードは入力しないでください。
gate-wrong = パスワードが正しくありません。あと { $count } 回お試しいただけます。
gate-locked = パスワードの誤入力が多すぎました。
elsewhere-title = お使いのブラウザで開くことをおすすめします
elsewhere-why = このページは別のアプリの中で開かれています。そこではログインできないプラットフォームがあります。
elsewhere-open = ブラウザで開く
elsewhere-copy = または、このアドレスをブラウザにコピーしてください：
elsewhere-scan = または、別の端末で読み取ってください：
elsewhere-stay = このまま続けることもできます。
qr = アドレスの QR コード

# Checklist
checklist-title = { $agency } に接続するアカウント
progress = { $total } 件中 { $count } 件接続済み
connect-platform = { $name } を接続する
reconnect-platform = { $name } を更新する
choose-account = アカウントを選ぶ
state-open = 未接続
state-renew = 更新が必要です
state-choose = あと一歩です
state-connected = 接続済み
state-withdrawn = アクセス取り消し済み
optional = 任意
expected = 予定のアカウント
adds = ほかのアカウントを接続する
finish = 完了
finish-hint = リンクが有効な間は、このページに戻ることができます。
connected-now = { $count } 件のアカウントを接続しました

# Kinds of accounts
kind-page = ページ
kind-profile = プロフィール
kind-organization = 会社ページ
kind-channel = チャンネル
kind-location = 店舗・拠点
kind-instagram-business = ビジネスアカウント
kind-instagram-creator = クリエイターアカウント
kind-account = アカウント

# Consent
consent-title = { $name } を接続する
consent-lead = { $agency } が、{ $name } のアカウントの利用許可をお願いしています。
consent-way = 接続方法
consent-also = あわせて依頼するもの
consent-place = { $name } でログインした後、ここに戻ります。
consent-keep = すでに接続されているアカウントがあります。{ $name } でチェックを付けたままにしてください。チェックを外すと接続が切れます。
consent-allow = 許可する内容
consent-cannot = できないこと
consent-go = { $name } へ進む
consent-end = いつでも終了できます。控えのページ、または { $name } の設定から行えます。
connect = { $name } で管理しているアカウントの名前と画像を確認する。
    .why = 接続するアカウントを選んでいただくためです。
    .never = パスワードが誰かに知らされることはありません。
publish = { $name } で選んだアカウントに投稿する。
    .short = 投稿
    .why = 予定した投稿を公開するためです。
    .never = 選んでいないアカウントに投稿することはありません。
    .cannot = 投稿すること
analytics = { $name } で選んだアカウントの数値を読み取る。
    .short = 数値の読み取り
    .why = 投稿の成果をご確認いただくためです。
    .never = これだけで投稿や変更ができることはありません。
    .cannot = 数値を読み取ること
messages = { $name } で選んだアカウントのメッセージを読み、返信する。
    .short = メッセージの閲覧と返信
    .why = メッセージへの返信を一か所で行うためです。
    .never = 誰も書いていないメッセージを送ることはありません。
    .cannot = メッセージを読むこと
audience = { $name } のフォロワーの国、都市、年齢を集計で確認する。
    .short = フォロワーの集計の確認
    .why = 投稿が誰に届いているかをご確認いただくためです。
    .never = 個々のフォロワーが誰かを示すことはありません。
    .cannot = フォロワーを確認すること

# Choosing
pick-question = このアカウントでよろしいですか
pick-yes = はい、接続する
pick-no = いいえ、別のアカウントを使う
pick-title = どのアカウントを接続しますか
pick-none = 接続できるアカウントがまだありません
pick-room = { $count } 件まで選べます。
pick-submit = 選んだアカウントを接続する
pick-here = 接続済み（選ぶと更新されます）
pick-blocked = 現在は接続できません
pick-missing = 見つからないアカウントがありますか
pick-role = 役割
pick-fix = 解決する

# How connecting ended
denied = 何も接続されていません
    .text = プラットフォームでキャンセルされました。お間違えの場合は、もう一度お試しのうえ許可してください。
    .next = もう一度試す
wrong-account = 別のアカウントでした
    .text = 予定とは別のアカウントでログインされたため、何も変更していません。
    .next = 別のアカウントを使う
personal-not-business = アカウントの種類が異なります
    .text = このプラットフォームでは個人アカウントを接続できません。ビジネスまたはクリエイターアカウントに切り替えてから、もう一度お試しください。
    .next = もう一度試す
no-pages = ページが見つかりませんでした
    .text = 管理しているページがないか、選ばれていません。ページの管理者としてログインし、チェックを付けたままにしてください。
    .next = もう一度試す
page-without-instagram = Instagram アカウントがリンクされていません
    .text = ページに Instagram のビジネスアカウントがリンクされていません。ページの設定でリンクしてから、もう一度お試しください。
    .next = もう一度試す
missing-permission = 許可が足りません
    .text = 必要な許可がありませんでした。もう一度お試しのうえ、すべてチェックを付けたままにしてください。
    .next = 足りない許可を与える
connected-elsewhere = このアカウントは別の場所で使われています
    .text = すでに別のワークスペースに接続されています。別のアカウントを選ぶか、{ $agency } にお問い合わせください。
    .next = 別のアカウントを使う
plan-full = 空きがありません
    .text = { $agency } では現在、これ以上アカウントを追加できません。お手数ですがお知らせください。
    .next = アカウント一覧へ戻る
link-expired = このリンクは期限切れです
    .text = { $agency } に新しいリンクをお求めください。ボタンを 1 回押すだけです。
    .next = 新しいリンクを依頼する
link-paused = このリンクは停止中です
    .text = { $agency } が停止しています。新しいリンクを依頼できます。
    .next = 新しいリンクを依頼する
link-used-up = このリンクは使い切られました
    .text = 許可された数のアカウントがすでに接続されています。{ $agency } に新しいリンクを依頼できます。
    .next = 新しいリンクを依頼する
link-unknown = このリンクは使えません
    .text = アドレスが途中で切れているか、新しいものに替わった可能性があります。最新のメッセージのリンクを開き直すか、送り主にお尋ねください。
    .next = もう一度試す
platform-down = プラットフォームが応答しません
    .text = 現在、障害が起きています。何も変更していません。数分後にもう一度お試しください。
    .next = もう一度試す
attempt-expired = 時間が経ちすぎました
    .text = 安全のため、ログインは数分間のみ有効です。最初からやり直してください。
    .next = 最初からやり直す
cookies-blocked = ブラウザが Cookie をブロックしています
    .text = ご本人だけが完了できるように、Cookie が 1 つ必要です。このページの Cookie を許可してから、もう一度お試しください。
    .next = もう一度試す
in-app-browser = お使いのブラウザで開いてください
    .text = このプラットフォームでは、別のアプリの中でログインできません。ブラウザでこのページを開いてください。
    .next = ブラウザで開く
already-connected = このアカウントは接続済みです
    .text = これ以上の操作は必要ありません。
    .next = アカウント一覧へ戻る
removed = アクセスは取り消されました
    .text = { $agency } はこのアカウントを利用できなくなりました。もう一度接続することもできます。
    .next = もう一度接続する
too-many-attempts = 試行回数が多すぎます
    .text = アカウント保護のため、しばらく停止しています。後ほどもう一度お試しください。
    .next = もう一度試す
other = 問題が起きました
    .text = 何も変更していません。もう一度お試しください。繰り返す場合は { $agency } にお知らせください。
    .next = もう一度試す
problem-role = 役割の権限が足りません。管理者に、接続していただくか、フルコントロールの付与を依頼してください。
problem-restricted = プラットフォームがこのアカウントを制限しています。先にプラットフォームで解決してください。
problem-not-shared = プラットフォームで共有されていません。もう一度接続し、チェックを付けたままにしてください。
problem-not-reviewed = プラットフォームがアプリを審査中のため、まだ投稿できません。
problem-not-found = プラットフォームでこのアカウントを確認できません。プラットフォームでご確認ください。
problem-threads-taken = この Instagram アカウントには、すでに別の Threads アカウントが結び付いています。
problem-sign-in-again = 接続が終了しました。プラットフォームでもう一度ログインしてください。
problem-not-set-up = このプラットフォームはまだ設定されていません。{ $agency } にお知らせください。
problem-locked = { $agency } は現在アカウントを受け付けていません。お問い合わせください。
fresh-asked = { $agency } に依頼しました
    .text = 新しいリンクが届きます。このページは閉じてかまいません。
got = ログインしたアカウント

# Receipt
receipt-title = 接続したアカウント
receipt-lead = 次のアカウントが { $agency } に接続されています。
receipt-none = 接続されているものはありません。
receipt-list = アカウント一覧へ戻る
connected-at = 接続日時
withdrawn-at = 取り消し日時
allowed = 許可した内容
withdraw = アクセスを取り消す
end-there = { $name } でご自身で終了する
download = この控えをダウンロード（署名付き JSON）
return = { $agency } に戻る

# Withdrawing
withdraw-title = アクセスを取り消しますか
withdraw-effect = { $agency } はこのアカウントを利用できなくなります。公開済みの投稿は残り、もう一度接続することもできます。
withdrawal-revoked = アクセスを取り消しました
    .text = { $name } でも終了しました。
withdrawal-retrying = こちらでのアクセスを取り消しました
    .text = { $name } からの確認がまだありません。引き続き試みます。
withdrawal-by-hand = こちらでのアクセスを取り消しました
    .text = { $name } の設定でもアプリを削除してください。これはご本人だけが行えます。

# Another device
device-title = 別の端末で続ける
device-how = その端末でこのアドレスを開くか、画像を読み取ってください：
device-minutes = { $count } 分間有効です。
device-private = 他の人に見せないでください。開いた人が代わりに続けられます。

# Waiting
waiting-title = もうすぐ完了します
waiting-answer = { $name } から応答がありました。アカウントを読み込んでいます。
waiting-time = 数秒かかります。
look-again = もう一度確認する
visit-over = アクセスの有効時間が終了しました
    .text = 安全のため、一回のアクセスは30分間有効です。メッセージのリンクをもう一度開いてください。接続済みのアカウントはそのまま残ります。
    .next = もう一度始める

# A message with the link
invitation = { $agency }からアカウント接続のお願い
    .text = { $agency }より、SNSアカウントの接続をお願いしています（{ $name }）。所要時間は約2分です。サインインは各プラットフォーム上で行い、パスワードが誰かに知られることはありません。次のリンクを開いてください：
