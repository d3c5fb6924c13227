//! What a kubelet makes of a container: its environment, its arguments, its files and its probes, as an API server has them. Real servers beside
//! the bench are begun by that, so that what is compiled for a store is what a server of its kind was started by.

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// One object of the namespace, by kind and name, if it is there.
pub(crate) type Get<'a> = &'a dyn Fn(&str, &str) -> Option<Value>;

/// The first container of a workload's pods.
#[derive(Clone, Debug)]
pub(crate) struct Container {
    pub(crate) arguments: Vec<String>,
    pub(crate) environment: BTreeMap<String, String>,
    /// Texts of ConfigMaps, by the path at which the container finds them.
    files: BTreeMap<String, String>,
    /// Directories that are there, for files or not.
    directories: Vec<String>,
    probes: BTreeMap<String, Value>,
}

impl Container {
    /// What a kubelet on this machine would start, once all that the workload refers to is there.
    pub(crate) fn of(workload: &str, get: Get<'_>) -> Option<Container> {
        let object = get("statefulset", workload)?;
        let pod = &object["spec"]["template"]["spec"];
        let container = &pod["containers"][0];
        let environment = environment(container, get)?;
        let volume = |name: &Value| list(&pod["volumes"]).find(|volume| volume["name"] == *name).cloned().unwrap_or_default();
        let (mut files, mut directories) = (BTreeMap::new(), Vec::new());
        for mount in list(&container["volumeMounts"]) {
            let path = text(&mount["mountPath"]);
            if let Some(name) = volume(&mount["name"])["configMap"]["name"].as_str() {
                let map = get("configmap", name)?;
                let entries = map["data"].as_object().into_iter().flatten();
                files.extend(entries.map(|(file, content)| (format!("{path}/{file}"), text(content).to_owned())));
            }
            directories.push(path.to_owned());
        }
        let arguments = list(&container["args"]).map(|argument| expanded(text(argument), &environment)).collect();
        let probe = |name: &str| (name.to_owned(), container[name].clone());
        let probes = ["readinessProbe", "livenessProbe"].into_iter().map(probe).collect();
        Some(Container { arguments, environment, files, directories, probes })
    }

    /// The same with every text changed: what is a path or a port in the pod is another one here.
    pub(crate) fn moved(&self, to: &dyn Fn(&str) -> String) -> Container {
        let values = |texts: &BTreeMap<String, String>| texts.iter().map(|(key, text)| (key.clone(), to(text))).collect();
        Container {
            arguments: self.arguments.iter().map(|text| to(text)).collect(),
            environment: values(&self.environment),
            files: values(&self.files),
            ..self.clone()
        }
    }

    /// Write its files and make its directories, below `root`.
    pub(crate) fn lay_out(&self, root: &Path) {
        for directory in &self.directories {
            std::fs::create_dir_all(under(root, directory)).unwrap();
        }
        for (path, content) in &self.files {
            std::fs::write(under(root, path), content).unwrap();
        }
    }

    /// Whether the server at `port` answers a probe as the kubelet wants it: by HTTP, or by what a command here ends with.
    pub(crate) fn answers(&self, probe: &str, port: u16) -> bool {
        let probe = &self.probes[probe];
        let mut command = match probe["httpGet"]["path"].as_str() {
            // 200 to 399 is well (Kubernetes, "HTTP probes").
            Some(path) => {
                let mut command = Command::new("curl");
                command.args(["--silent", "--fail", "--output", "/dev/null", &format!("http://127.0.0.1:{port}{path}")]);
                command
            }
            None => {
                let words: Vec<&str> = list(&probe["exec"]["command"]).map(text).collect();
                // A home without a password, as in the container.
                let mut command = Command::new(words[0].replace("mysqladmin", "mariadb-admin"));
                command.arg("--no-defaults").args(&words[1..]).arg(format!("--port={port}"));
                command
            }
        };
        command.output().is_ok_and(|output| output.status.success())
    }
}

/// Where a path of the container is.
pub(crate) fn under(root: &Path, path: &str) -> std::path::PathBuf {
    root.join(path.trim_start_matches('/'))
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Variables in their order: one may refer to those before it (Kubernetes, "Define dependent environment variables").
fn environment(container: &Value, get: Get<'_>) -> Option<BTreeMap<String, String>> {
    let mut known = BTreeMap::new();
    for variable in list(&container["env"]) {
        let from = &variable["valueFrom"];
        let value = if let Some(name) = from["secretKeyRef"]["name"].as_str() {
            let secret = get("secret", name)?;
            decoded(text(&secret["data"][text(&from["secretKeyRef"]["key"])]))
        } else if from["fieldRef"]["fieldPath"] == "status.podIP" {
            "127.0.0.1".to_owned()
        } else {
            expanded(text(&variable["value"]), &known)
        };
        known.insert(text(&variable["name"]).to_owned(), value);
    }
    Some(known)
}

fn decoded(base64: &str) -> String {
    use base64::Engine;
    String::from_utf8(base64::engine::general_purpose::STANDARD.decode(base64).unwrap()).unwrap()
}

/// `$(NAME)` is what that variable holds.
fn expanded(text: &str, known: &BTreeMap<String, String>) -> String {
    known.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("$({name})"), value))
}
