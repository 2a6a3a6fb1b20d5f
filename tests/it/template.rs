//! The template says what the functions are: their routes, their variables, their rights, their table.

mod file;
mod gateway;
mod link;
mod role;
mod sync;

use std::{collections::BTreeSet, fs};

use serde_json::{Value, json};
use tests::{Answer, World};

use file::{Route, Template, list, text};
use gateway::{FRONTEND, FUNCTIONS, Gateway, Recorder, SCHEDULED};

/// The route of a browser's question whether a page may call.
const PREFLIGHT: &str = "/v1/{proxy+}";

/// The stylesheet's route: its name changes with its content.
const STYLESHEET: &str = "/assets/{stylesheet}";

fn source(path: &str) -> String {
    fs::read_to_string(format!("{}/../{path}", env!("CARGO_MANIFEST_DIR"))).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// Method and path of every operation of the committed API document.
fn documented() -> BTreeSet<(String, String)> {
    let document: Value = serde_json::from_str(&source("infra/openapi.json")).expect("JSON");
    let paths = document["paths"].as_object().expect("paths").iter();
    let each = |(path, methods): (&String, &Value)| {
        let methods: Vec<String> = methods.as_object().expect("methods").keys().map(|m| m.to_uppercase()).collect();
        methods.into_iter().map(|method| (method, path.clone())).collect::<Vec<_>>()
    };
    paths.flat_map(each).collect()
}

/// The pages beside the API document, as the functions' routers name them.
fn pages() -> Vec<String> {
    let rooms = ["account", "callback", "easyconnect/page", "event", "docs", "handoff", "meta", "start", "workspace"];
    let text: String = rooms.iter().map(|room| source(&format!("shared/api/src/route/{room}.rs"))).collect();
    let names = text.split(".route(").skip(1).map(|rest| rest.split(',').next().unwrap_or_default().trim());
    let page = |name: &str| match name {
        "web::stylesheet_path()" => STYLESHEET.to_owned(),
        "HOME" => "/c".to_owned(),
        quoted => quoted.trim_matches('"').to_owned(),
    };
    names.map(page).collect()
}

/// Each route is there once, and leads to the one function whose router serves it; there is none more.
#[tokio::test(flavor = "multi_thread")]
async fn every_route_leads_to_the_function_that_serves_it() {
    let gateway = Gateway::start().await;
    let paths: BTreeSet<String> = documented().into_iter().map(|(_, path)| path).chain(pages()).collect();
    let mut served = Vec::new();
    for path in &paths {
        let some = path.replace(STYLESHEET, web::stylesheet_path()).replace(['{', '}'], "");
        for (function, _, _) in FUNCTIONS {
            // A router that knows the path names its methods; one that does not has never heard of it.
            let answer = gateway.call_function(function, "TRACE", &some, &[], &Value::Null).await;
            match answer.status {
                404 => continue,
                405 => {}
                other => panic!("{function}: TRACE {path}: {other}"),
            }
            let methods = answer.header("allow").expect("the methods").split(',').filter(|method| *method != "HEAD");
            served.extend(methods.map(|method| Route {
                path: path.clone(),
                method: method.to_owned(),
                function: function.to_owned(),
            }));
        }
    }
    served.push(Route { path: PREFLIGHT.to_owned(), method: "OPTIONS".to_owned(), function: "accounts".to_owned() });
    served.sort();
    let mut deployed = Template::read().routes();
    deployed.sort();
    assert_eq!(deployed, served);
    let pages = pages();
    let operations = deployed.into_iter().filter(|route| !pages.contains(&route.path) && route.path != PREFLIGHT);
    assert_eq!(operations.map(|route| (route.method, route.path)).collect::<BTreeSet<_>>(), documented());
}

/// CHK-P16: the one route for such questions says what the path's own function would; the gateway adds nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_preflight_is_answered_as_by_the_function_that_serves_the_path() {
    let template = Template::read();
    assert_eq!(template.resource("AWS::ApiGatewayV2::Api", "Api")["CorsConfiguration"], Value::Null);
    let gateway = Gateway::start().await;
    let shared = |answer: &Answer| -> Vec<(String, String)> {
        let told = answer.headers.iter().filter(|(name, _)| name.as_str().starts_with("access-control-"));
        let vary = answer.headers.iter().filter(|(name, _)| *name == "vary");
        told.chain(vary).map(|(name, value)| (name.to_string(), value.to_str().expect("text").to_owned())).collect()
    };
    let mut asked = 0;
    for (method, path) in documented() {
        let some = path.replace(['{', '}'], "");
        if !path.starts_with("/v1/") {
            assert_eq!(gateway.leads_to("OPTIONS", &some), None, "{path}");
            continue;
        }
        let own = gateway.leads_to(&method, &some).expect("a function").to_owned();
        for origin in [FRONTEND, "https://evil.example", "https://app.example.evil.example", "null"] {
            let asks = [("origin", origin), ("access-control-request-method", method.as_str())];
            let answer = gateway.call("OPTIONS", &some, &asks, &Value::Null).await;
            let direct = gateway.call_function(&own, "OPTIONS", &some, &asks, &Value::Null).await;
            assert_eq!(shared(&answer), shared(&direct), "{path} from {origin}");
            assert!(answer.header("vary").is_some_and(|vary| vary.contains("origin")), "{path} from {origin}");
            let for_pages = !["/v1/oauth/", "/v1/platform-callbacks/"].iter().any(|other| path.starts_with(other));
            let listed = origin == FRONTEND && for_pages;
            assert_eq!(answer.header("access-control-allow-origin"), listed.then_some(origin), "{path}");
            assert_eq!(answer.status == 204, listed, "{path} from {origin}");
            asked += 1;
        }
    }
    assert!(asked > 100, "{asked}");
}

/// A function is named after its folder, and each has a role of its own.
#[test]
fn every_function_is_deployed_under_its_folder_s_name() {
    let template = Template::read();
    let root = format!("{}/../functions", env!("CARGO_MANIFEST_DIR"));
    let folders = fs::read_dir(root).expect("the functions").map(|f| f.expect("a folder").file_name());
    let folders: BTreeSet<String> = folders.map(|f| f.into_string().expect("text")).collect();
    assert_eq!(template.functions().into_keys().map(str::to_owned).collect::<BTreeSet<_>>(), folders);
    for (name, function) in template.resources("AWS::Serverless::Function") {
        let word = |word: &str| word[..1].to_uppercase() + &word[1..];
        let folder = text(&function["CodeUri"]).trim_start_matches("target/lambda/").trim_end_matches('/');
        let resource: String = folder.split('-').map(word).collect();
        assert_eq!(name, format!("{resource}Function"));
        assert_eq!(function["Role"], json!({"Fn::GetAtt": format!("{resource}Role.Arn")}), "{name}");
        assert_eq!(function["LoggingConfig"]["LogGroup"], json!({"Ref": format!("{resource}Logs")}), "{name}");
        assert_eq!((&function["Policies"], &function["Events"]), (&Value::Null, &Value::Null), "{name}");
    }
    assert_eq!(template.resources("AWS::IAM::Role").len(), folders.len());
}

/// What only a function is told that may open tokens.
const VAULT: [&str; 2] = ["MOORING_TOKEN_VAULT", "MOORING_SECRET_PREFIX"];

/// Every variable that is documented is read, and is set; of the secrets each function is told those that it needs: who
/// opens no token does not know the root keys, and who only publishes knows none.
#[test]
fn a_function_is_told_every_variable_that_it_reads_and_no_other() {
    let names = |text: &str, before: &str| -> BTreeSet<String> {
        let rest = text.split(before).skip(1).filter(|rest| rest.starts_with("MOORING_"));
        let name = |rest: &str| rest.chars().take_while(|c| c.is_ascii_uppercase() || *c == '_').collect();
        rest.map(name).collect()
    };
    let table: String = source("shared/bootstrap/src/lib.rs").lines().filter(|l| l.starts_with("//! | `")).collect();
    let documented = names(&table, "`");
    assert_eq!(documented, names(&source("shared/bootstrap/src/config.rs"), "\""));
    assert!(documented.len() >= 12, "{documented:?}");
    let template = Template::read();
    let secrets: [(&str, &[&str]); 9] = [
        ("accounts", &["APPS", "EDGE", "ROOT_KEYS"]),
        ("easyconnect", &["APPS", "EDGE", "ROOT_KEYS"]),
        ("oauth-callback", &["APPS", "EDGE", "ROOT_KEYS"]),
        ("oauth-start", &["APPS", "EDGE"]),
        ("platform-callbacks", &["APPS", "EDGE"]),
        ("sweep", &["APPS", "ROOT_KEYS"]),
        ("sync", &["APPS", "ROOT_KEYS"]),
        ("housekeeping", &["APPS"]),
        ("deliver", &[]),
    ];
    assert_eq!(secrets.len(), template.functions().len());
    for (function, secrets) in secrets {
        let opens_tokens = secrets.contains(&"ROOT_KEYS");
        let is_everybody_s = |v: &&String| !v.ends_with("_SECRET") && !VAULT.contains(&v.as_str());
        let mut expected: BTreeSet<String> = documented.iter().filter(is_everybody_s).cloned().collect();
        expected.extend(VAULT.iter().filter(|_| opens_tokens).map(|variable| (*variable).to_owned()));
        expected.extend(secrets.iter().map(|secret| format!("MOORING_{secret}_SECRET")));
        let told: BTreeSet<String> = template.variables(function).into_keys().map(str::to_owned).collect();
        assert_eq!(told, expected, "{function}");
    }
}

/// An operator may name each vault that the functions know; Secrets Manager, unless they say otherwise.
#[test]
fn the_vault_is_one_that_the_functions_know() {
    let template = Template::read();
    let parameter = &template.0["Parameters"]["TokenVault"];
    let known = |name: &&Value| text(name).parse::<vault::Kind>().expect("a vault");
    let offered: Vec<vault::Kind> = list(&parameter["AllowedValues"]).iter().map(known).collect();
    assert_eq!(offered, [vault::Kind::SecretsManager, vault::Kind::Sealed]);
    assert_eq!(known(&&parameter["Default"]), vault::Kind::SecretsManager);
    for (function, _, _) in FUNCTIONS.into_iter().filter(|(_, _, opens_tokens)| *opens_tokens) {
        assert_eq!(template.variables(function)["MOORING_TOKEN_VAULT"], &json!({"Ref": "TokenVault"}), "{function}");
    }
}

/// Every text of a document with its place.
fn texts<'a>(at: &str, value: &'a Value, found: &mut Vec<(String, &'a str)>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, v)| texts(&format!("{at}/{name}"), v, found)),
        Value::Array(all) => all.iter().for_each(|v| texts(at, v, found)),
        Value::String(text) => found.push((at.to_owned(), text)),
        _ => {}
    }
}

/// CHK-S12
#[test]
fn no_right_is_a_wildcard_but_those_with_a_reason() {
    let reasoned = [
        // The API may call its functions from any stage and route of its own.
        "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*",
        // Each consent has a secret of its own, made when it is given.
        "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:${AWS::StackName}/grants/*",
        // What a vault keeps for nobody is found by going through the list of all, which AWS scopes no further.
        "*",
    ];
    let (template, mut found) = (Template::read(), Vec::new());
    texts("", &template.0["Resources"], &mut found);
    let is_right =
        |at: &str| ["/Action", "/Resource", "/Principal", "/SourceArn"].iter().any(|right| at.contains(right));
    let rights: Vec<_> = found.iter().filter(|(at, _)| is_right(at)).collect();
    assert!(rights.len() > 40, "{rights:?}");
    for (at, text) in rights {
        assert!(!text.contains('*') || reasoned.contains(text), "{at}: {text}");
    }
    for (at, _) in found {
        assert!(!["NotAction", "NotResource", "ManagedPolicyArns"].iter().any(|wide| at.contains(wide)), "{at}");
    }
}

/// The rules that call a function, by their names.
fn rules<'a>(template: &'a Template, function: &str) -> Vec<(&'a str, &'a Value)> {
    let calls = |rule: &Value| {
        rule["Targets"]
            .as_array()
            .expect("targets")
            .iter()
            .any(|t| t["Arn"] == json!({"Fn::GetAtt": format!("{function}.Arn")}))
    };
    template.resources("AWS::Events::Rule").into_iter().filter(|(_, rule)| calls(rule)).collect()
}

/// The one rule that calls a scheduled function by the clock.
fn schedule<'a>(template: &'a Template, function: &str) -> &'a Value {
    let rules = rules(template, function).into_iter().map(|(_, rule)| rule);
    let rules: Vec<_> = rules.filter(|rule| !rule["ScheduleExpression"].is_null()).collect();
    let [rule] = rules[..] else { panic!("{function} has {} schedules", rules.len()) };
    rule
}

/// The types of events that wake a function, and the rule that says so.
fn woken<'a>(template: &'a Template, function: &str) -> Option<(Vec<&'a str>, &'a Value)> {
    let rules = rules(template, function).into_iter().map(|(_, rule)| rule);
    let rules: Vec<_> = rules.filter(|rule| !rule["EventPattern"].is_null()).collect();
    assert!(rules.len() < 2, "{function}: {rules:?}");
    rules.first().map(|rule| (list(&rule["EventPattern"]["detail-type"]).into_iter().map(text).collect(), *rule))
}

/// CHK-S13: nothing but the API calls a function that answers it, and nothing but its own rules one that has a schedule;
/// the API has no way to a scheduled input.
#[tokio::test(flavor = "multi_thread")]
async fn a_forged_schedule_reaches_nothing() {
    let template = Template::read();
    for (folder, function) in template.functions() {
        assert_eq!(function["FunctionUrlConfig"], Value::Null, "{folder} has an address of its own");
        let name = text(&function["Role"]["Fn::GetAtt"]).replace("Role.Arn", "Function");
        let to = |p: &&Value| p["FunctionName"] == json!({"Ref": name});
        let permissions = template.resources("AWS::Lambda::Permission");
        let callers: Vec<_> = permissions.values().copied().filter(to).collect();
        if SCHEDULED.iter().any(|(scheduled, _)| *scheduled == folder) {
            // Each rule needs a permission of its own.
            let rules = rules(&template, &name);
            assert_eq!(callers.len(), rules.len(), "{folder}");
            for (rule, _) in rules {
                let of_rule = json!({"Fn::GetAtt": format!("{rule}.Arn")});
                let caller = callers.iter().find(|caller| caller["SourceArn"] == of_rule);
                assert_eq!(
                    caller.unwrap_or_else(|| panic!("{rule} may not call"))["Principal"],
                    "events.amazonaws.com"
                );
            }
            assert!(template.routes().iter().all(|route| route.function != folder), "{folder} has a route");
        } else {
            assert_eq!(callers.len(), 1, "{folder}");
            assert_eq!(callers[0]["Principal"], "apigateway.amazonaws.com", "{folder}");
            assert!(text(&callers[0]["SourceArn"]["Fn::Sub"]).contains(":${Api}/"), "{folder}");
        }
    }
    let gateway = Gateway::start().await;
    let forged = json!({"version": "0", "source": "aws.scheduler", "detail-type": "Scheduled Event", "detail": {}});
    for path in
        ["/", "/sweep", "/deliver", "/sync", "/v1/sweep", "/v1/dev/jobs/sweep", "/2015-03-31/functions/f/invocations"]
    {
        assert_eq!(gateway.leads_to("POST", path), None, "{path}");
        for (function, _, _) in FUNCTIONS {
            gateway.call_function(function, "POST", path, &[], &forged).await.is_problem(404, "not_found");
        }
    }
}

/// Again and again, with nothing to say, and not again where it failed: the next time comes. A sweep is never two.
#[test]
fn a_scheduled_function_is_called_again_and_again_and_ends_before_the_next_minute() {
    let template = Template::read();
    let functions = template.functions();
    let every = [
        ("deliver", "rate(1 minute)"),
        ("housekeeping", "rate(1 hour)"),
        ("sweep", "rate(1 minute)"),
        ("sync", "rate(5 minutes)"),
    ];
    assert_eq!(every.map(|(folder, _)| folder), SCHEDULED.map(|(folder, _)| folder));
    for (folder, every) in every {
        let function = functions[folder];
        let name = text(&function["Role"]["Fn::GetAtt"]).replace("Role.Arn", "Function");
        let rule = schedule(&template, &name);
        let members: Vec<&String> = rule.as_object().expect("a rule").keys().collect();
        assert_eq!(members, ["ScheduleExpression", "Targets"], "{folder}");
        assert_eq!(rule["ScheduleExpression"], every, "{folder}");
        assert_eq!(rule["Targets"].as_array().map(Vec::len), Some(1), "{folder}");
        assert_eq!(function["Timeout"], 60, "{folder}");
        let once = json!({"MaximumEventAgeInSeconds": 60, "MaximumRetryAttempts": 0});
        assert_eq!(function["EventInvokeConfig"], once, "{folder}");
    }
    assert_eq!(functions["sweep"]["ReservedConcurrentExecutions"], 1);
    // And one by which the bus wakes one of them.
    assert_eq!(template.resources("AWS::Events::Rule").len(), SCHEDULED.len() + 1);
}

/// Of what we tell ourselves, on our own bus, and only of types that there are.
#[test]
fn the_bus_wakes_the_function_that_fetches_data() {
    let template = Template::read();
    let (types, rule) = woken(&template, "SyncFunction").expect("a rule");
    let members: Vec<&String> = rule.as_object().expect("a rule").keys().collect();
    assert_eq!(members, ["EventBusName", "EventPattern", "Targets"]);
    assert_eq!(rule["EventBusName"], json!({"Ref": "EventBus"}));
    assert_eq!(rule["Targets"].as_array().map(Vec::len), Some(1));
    let pattern = rule["EventPattern"].as_object().expect("a pattern");
    assert_eq!(pattern.keys().collect::<Vec<_>>(), ["detail-type", "source"]);
    assert_eq!(list(&pattern["source"]), [&json!("mooring")]);
    assert_eq!(types, ["sync.requested", "account.connected", "account.reconnected", "account.copied"]);
    for kind in types {
        assert!(!tests::event::SCHEMAS[format!("{kind}.json")].is_null(), "{kind}");
    }
}

/// The deployed table is the one that the store makes for itself, it outlives the stack, and it forgets by the
/// attribute that items have.
#[tokio::test(flavor = "multi_thread")]
async fn the_table_is_the_store_s_own() {
    let template = Template::read();
    let made = Recorder::default();
    let client = made.client(dynoxide::Database::memory().expect("a table"));
    store::create_table(&client, "mooring").await.expect("a table");
    let (_, made) = made.requests().remove(0);
    let deployed = template.resource("AWS::DynamoDB::Table", "Table");
    for property in ["AttributeDefinitions", "BillingMode", "GlobalSecondaryIndexes", "KeySchema"] {
        assert_eq!(deployed[property], made[property], "{property}");
    }
    assert_eq!(deployed["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"], true);
    assert_eq!(deployed["SSESpecification"]["SSEEnabled"], true);
    let world = World::start().await;
    world.connect(&world.owner("ws_1"), "x", "acme").await;
    let ttl = text(&deployed["TimeToLiveSpecification"]["AttributeName"]);
    assert!(world.dump().await.values().any(|item| item[ttl].is_number()), "no item has {ttl}");
}

/// What cannot be made again outlives a stack that is deleted or a resource that is replaced.
#[test]
fn what_is_kept_outlives_the_stack() {
    let template = Template::read();
    let kept = ["AWS::DynamoDB::Table", "AWS::SecretsManager::Secret"];
    let kept: Vec<&str> = kept.iter().flat_map(|kind| template.resources(kind).into_keys()).collect();
    assert_eq!(kept, ["Table", "AppsSecret", "EdgeSecret", "RootKeysSecret"]);
    for name in kept {
        for policy in ["DeletionPolicy", "UpdateReplacePolicy"] {
            assert_eq!(template.0["Resources"][name][policy], "Retain", "{name}");
        }
    }
}

/// CHK-S1: an access log knows a route and not an address, in which sessions, states and codes are.
#[test]
fn the_access_log_holds_no_address_and_no_header() {
    let template = Template::read();
    let stage = template.resource("AWS::ApiGatewayV2::Stage", "Stage");
    let format = text(&stage["AccessLogSettings"]["Format"]);
    let told = format.split("$context.").skip(1).map(|rest| rest.split('"').next().unwrap_or_default());
    let harmless = [
        "integrationErrorMessage",
        "integrationStatus",
        "requestId",
        "requestTime",
        "responseLatency",
        "responseLength",
        "routeKey",
        "status",
    ];
    assert_eq!(told.collect::<BTreeSet<_>>(), harmless.into());
    let named = stage["DefaultRouteSettings"].as_object().expect("throttling");
    assert_eq!(named.keys().collect::<Vec<_>>(), ["ThrottlingBurstLimit", "ThrottlingRateLimit"]);
    for (name, group) in template.resources("AWS::Logs::LogGroup") {
        assert!(group["RetentionInDays"].is_number(), "{name} is kept for ever");
    }
    assert_eq!(list(&stage["AutoDeploy"]), [&json!(true)]);
}
