//! One object as the API server shows it, and as the engine sees it.

use super::condition::condition;
use super::fields::account;
use super::kinds::Api;
use crate::secret::{Secrets, text_in};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use model::observation::Observed;
use model::operation::Mark;
use model::value::Text;
use model::{Address, Kind, Map, System, Value, mark};
use std::sync::Arc;

/// What the server keeps of an object for itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) uid: Text,
    pub(crate) resource_version: Text,
    pub(crate) is_ending: bool,
    /// Our fields are kept as those of somebody who updates.
    pub(crate) ours_by_update: bool,
}

/// Address of an object of `kind` in `cluster`; nothing if it has no name.
pub(crate) fn address(cluster: &System, kind: Kind, object: &Value) -> Option<Address> {
    let name = object.str_at(&["metadata", "name"])?;
    Some(match object.str_at(&["metadata", "namespace"]) {
        Some(namespace) => Address::new(cluster, kind, &format!("{namespace}/{name}")),
        None => Address::new(cluster, kind, name),
    })
}

/// Read one object. `wanted` is what the platform wants there, if anything: it tells what of a Secret may be seen in the open, and a
/// document that is seen as it is wanted is that very one, so that of what has not changed nothing is kept twice.
pub(crate) fn read(kind: Kind, mut object: Value, wanted: Option<&Arc<Value>>, secrets: &Secrets) -> (Observed, Facts) {
    let text = |object: &Value, field: &str| Text::from(object.str_at(&["metadata", field]).unwrap_or_default());
    let account = account(object.at(&["metadata", "managedFields"]));
    let facts = Facts {
        uid: text(&object, "uid"),
        resource_version: text(&object, "resourceVersion"),
        is_ending: object.str_at(&["metadata", "deletionTimestamp"]).is_some(),
        ours_by_update: account.ours_by_update,
    };
    let condition = condition(kind, &object);
    for field in ["managedFields", "resourceVersion", "uid", "generation", "creationTimestamp", "selfLink"] {
        object.remove(&["metadata", field]);
    }
    object.remove(&["status"]);
    if let Some(api) = Api::of(kind) {
        // In a list they stand at the list.
        object.set(&["apiVersion"], api.api_version());
        object.set(&["kind"], api.kind);
    }
    let own = mark::take(&mut object);
    if kind == Kind::Secret {
        hide(&mut object, wanted.map(|wanted| &**wanted), secrets);
    }
    let document = wanted.filter(|wanted| ***wanted == object).cloned().unwrap_or_else(|| Arc::new(object));
    let observed = Observed {
        incarnation: facts.uid.clone(),
        foreign: account.foreign,
        condition,
        ..Observed::marked(document, facts.resource_version.clone(), own.as_ref())
    };
    (observed, facts)
}

/// Put digests in the place of what a Secret holds. It is shown under the name under which it is written: the server gives back
/// `stringData` as `data`.
fn hide(object: &mut Value, wanted: Option<&Value>, secrets: &Secrets) {
    let data = object.remove(&["data"]);
    object.remove(&["stringData"]);
    let wanted = wanted.and_then(|wanted| wanted.get("stringData"));
    let entry = |(key, value): (&Text, &Value)| {
        let bytes = STANDARD.decode(value.as_str().unwrap_or_default()).unwrap_or_default();
        let wanted = wanted.and_then(|wanted| wanted.get(key));
        let seen = match wanted {
            // An entry that is written as a document is read as one.
            Some(Value::Map(_)) => text_in(&bytes).map(|document| secrets.masked(wanted, &document)),
            Some(Value::String(_)) => std::str::from_utf8(&bytes).ok().map(Value::from),
            _ => None,
        };
        (key.clone(), seen.unwrap_or_else(|| secrets.digest(&bytes)))
    };
    if let Some(data) = data.as_ref().and_then(Value::as_map) {
        object.set(&["stringData"], data.iter().map(entry).collect::<Map>());
    }
}

/// What a Secret holds, as it is written: entries as text, or as documents where they are read as such.
pub(crate) fn contents(object: &Value) -> serde_json::Value {
    let entry = |(key, value): (&Text, &Value)| {
        let bytes = STANDARD.decode(value.as_str().unwrap_or_default()).unwrap_or_default();
        let document = serde_json::from_slice::<serde_json::Value>(&bytes).ok().filter(serde_json::Value::is_object);
        (key.to_string(), document.unwrap_or_else(|| String::from_utf8_lossy(&bytes).into_owned().into()))
    };
    let data = object.get("data").and_then(Value::as_map);
    serde_json::Value::Object(data.map(|data| data.iter().map(entry).collect()).unwrap_or_default())
}

/// One entry of a Secret.
pub(crate) fn entry(object: &Value, field: &str) -> Option<Vec<u8>> {
    STANDARD.decode(object.at(&["data", field])?.as_str()?).ok()
}

/// What is sent for an object: the document with its kind, its name, and the mark.
pub(crate) fn manifest(address: &Address, api: Api, document: &Value, own: &Mark) -> Value {
    let mut manifest = document.clone();
    manifest.set(&["apiVersion"], api.api_version());
    manifest.set(&["kind"], api.kind);
    manifest.set(&["metadata", "name"], address.name());
    if let Some(namespace) = address.namespace() {
        manifest.set(&["metadata", "namespace"], namespace);
    }
    mark::put(&mut manifest, own);
    manifest
}

/// A manifest whose secrets are in it: entries of a Secret as the server keeps them.
pub(crate) fn encode_secret(manifest: &mut serde_json::Value) {
    let Some(map) = manifest.as_object_mut() else { return };
    let Some(serde_json::Value::Object(entries)) = map.remove("stringData") else { return };
    let encode = |(key, value): (String, serde_json::Value)| {
        let text = zeroize::Zeroizing::new(value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned));
        (key, serde_json::Value::String(STANDARD.encode(text.as_bytes())))
    };
    map.insert("data".to_owned(), serde_json::Value::Object(entries.into_iter().map(encode).collect()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{Json, parse};
    use crate::secret::tests::secrets;
    use model::observation::Owner;

    fn value(text: &str) -> Value {
        parse::<Json>(text.as_bytes()).unwrap().0
    }

    const OBJECT: &str = r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c","namespace":"shop","uid":"u","resourceVersion":"7",
        "generation":1,"creationTimestamp":"2026-11-26T00:00:00Z","labels":{"app.kubernetes.io/managed-by":"vamp","vamp.io/platform":"acme",
        "team":"blue"},"annotations":{"vamp.io/applied":"d","vamp.io/scope":"{\"tenant\":\"shop\"}"},
        "managedFields":[{"manager":"vamp","operation":"Update","fieldsV1":{"f:data":{}}}]},"data":{"a":"b"},"status":{}}"#;

    #[test]
    fn an_object_is_read_without_what_the_server_keeps_and_without_its_mark() {
        let (observed, facts) = read(Kind::ConfigMap, value(OBJECT), None, &secrets());
        assert_eq!(
            observed.document.to_string(),
            r#"{"apiVersion": "v1", "data": {"a": "b"}, "kind": "ConfigMap", "metadata": {"labels": {"team": "blue"}, "name": "c", "namespace": "shop"}}"#
        );
        assert_eq!((observed.owner, observed.applied), (Owner::Platform("acme".into()), Some("d".into())));
        assert_eq!(observed.scope.tenant, Some("shop".into()));
        assert_eq!((observed.version.as_str(), observed.incarnation.as_str()), ("7", "u"));
        assert!(facts.ours_by_update && !facts.is_ending);
        let cluster = "cluster.eu-1".parse().unwrap();
        assert_eq!(address(&cluster, Kind::ConfigMap, &value(OBJECT)).unwrap().as_str(), "cluster.eu-1/config-map/shop/c");
    }

    #[test]
    fn a_document_that_is_seen_as_it_is_wanted_is_kept_once() {
        let as_wanted = read(Kind::ConfigMap, value(OBJECT), None, &secrets()).0.document;
        let (observed, _) = read(Kind::ConfigMap, value(OBJECT), Some(&as_wanted), &secrets());
        assert!(Arc::ptr_eq(&observed.document, &as_wanted));
        let changed = value(&OBJECT.replace(r#""a":"b""#, r#""a":"c""#));
        let (observed, _) = read(Kind::ConfigMap, changed, Some(&as_wanted), &secrets());
        assert!(!Arc::ptr_eq(&observed.document, &as_wanted));
        assert_eq!(observed.document.str_at(&["data", "a"]), Some("c"));
    }

    #[test]
    fn a_secret_is_seen_as_digests_under_the_name_by_which_it_is_written() {
        let secrets = secrets();
        let object =
            value(r#"{"kind":"Secret","metadata":{"name":"s"},"data":{"password":"aHVudGVyMg==","user":"YWRt","other":"eA=="}}"#);
        let mut wanted = Value::EMPTY_MAP;
        wanted.set(&["stringData", "user"], "adm");
        wanted.set(&["stringData", "password"], model::SecretReference::Env("P".into()));
        let (observed, _) = read(Kind::Secret, object, Some(&Arc::new(wanted)), &secrets);
        assert_eq!(observed.document.str_at(&["stringData", "user"]), Some("adm"));
        assert_eq!(observed.document.at(&["stringData", "password"]), Some(&secrets.digest(b"hunter2")));
        assert_eq!(observed.document.at(&["stringData", "other"]), Some(&secrets.digest(b"x")));
        assert_eq!(observed.document.get("data"), None);
    }

    #[test]
    fn an_entry_that_is_a_document_keeps_its_open_parts() {
        let secrets = secrets();
        let registry = r#"{"auths":{"r.example":{"username":"robot","password":"hunter2"}}}"#;
        let text = format!(
            r#"{{"kind":"Secret","metadata":{{"name":"s"}},"data":{{".dockerconfigjson":"{}"}}}}"#,
            STANDARD.encode(registry)
        );
        let mut wanted = Value::EMPTY_MAP;
        let at = |field: &'static str| ["stringData", ".dockerconfigjson", "auths", "r.example", field];
        wanted.set(&at("username"), "robot");
        wanted.set(&at("password"), model::SecretReference::Env("P".into()));
        let (observed, _) = read(Kind::Secret, value(&text), Some(&Arc::new(wanted)), &secrets);
        assert_eq!(observed.document.str_at(&at("username")), Some("robot"));
        assert_eq!(observed.document.at(&at("password")), Some(&secrets.digest(b"hunter2")));
        let mut plain = serde_json::json!({"stringData": {".dockerconfigjson": serde_json::from_str::<serde_json::Value>(registry).unwrap(), "a": "b"}});
        encode_secret(&mut plain);
        assert_eq!(plain["data"]["a"], "Yg==");
        assert_eq!(contents(&value(&plain.to_string()))[".dockerconfigjson"]["auths"]["r.example"]["password"], "hunter2");
    }
}
