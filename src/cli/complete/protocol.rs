//! The protocol between the program and shells that complete its command line: the shell runs it with `COMPLETE` set and
//! the words so far.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::Command;
use clap_complete::env::{Bash, Elvish, EnvCompleter, Fish, Powershell, Shells, Zsh};

use crate::cli::report::console::{print, say};

/// The variable that names the shell.
const VARIABLE: &str = "COMPLETE";
const NAME: &str = env!("CARGO_PKG_NAME");
const SHELLS: Shells<'_> = Shells(&[&BashWords, &Elvish, &Fish, &Powershell, &AutoloadedZsh]);

/// Prints the candidates or the script, if a shell asks for them. Without candidates it prints nothing: a message would
/// end up in the user's command line.
pub(in crate::cli) fn run_if_requested(command: impl FnOnce() -> Command) -> Option<ExitCode> {
    let shell = std::env::var_os(VARIABLE).filter(|shell| !shell.is_empty() && shell != "0")?;
    let words: Vec<OsString> = std::env::args_os().skip_while(|word| word != "--").skip(1).collect();
    let name = Path::new(&shell).file_stem().unwrap_or(&shell).to_string_lossy().into_owned();
    let Some(completer) = SHELLS.completer(&name) else {
        say(&format!("{VARIABLE} names the unknown shell `{name}`; expected bash, elvish, fish, powershell or zsh"));
        return Some(ExitCode::from(2));
    };
    let mut output = Vec::new();
    if words.is_empty() {
        let _ = register(completer, &mut output);
    } else {
        let folder = std::env::current_dir().ok();
        let _ = completer.write_complete(&mut command(), words, folder.as_deref(), &mut output);
    }
    let _ = print(&output);
    Some(ExitCode::SUCCESS)
}

/// Returns the script that makes a shell ask this program for completions.
pub(in crate::cli) fn script(shell: &str) -> io::Result<Vec<u8>> {
    let mut script = Vec::new();
    let completer = SHELLS.completer(shell).ok_or_else(|| io::Error::other(format!("unknown shell `{shell}`")))?;
    register(completer, &mut script)?;
    Ok(script)
}

fn register(completer: &dyn EnvCompleter, script: &mut dyn Write) -> io::Result<()> {
    completer.write_registration(VARIABLE, NAME, NAME, NAME, script)
}

/// bash splits words at `:`, `=` and `@` as well, which are parts of ARNs, options and `@last`. The script of the engine
/// passes them on split.
struct BashWords;

impl EnvCompleter for BashWords {
    fn name(&self) -> &'static str {
        Bash.name()
    }

    fn is(&self, name: &str) -> bool {
        Bash.is(name)
    }

    fn write_registration(
        &self,
        variable: &str,
        name: &str,
        program: &str,
        completer: &str,
        script: &mut dyn Write,
    ) -> io::Result<()> {
        let text = BASH.replace("NAME", name).replace("PROGRAM", program).replace("COMPLETER", completer);
        writeln!(script, "{}", text.replace("VARIABLE", variable))
    }

    fn write_complete(
        &self,
        command: &mut Command,
        words: Vec<OsString>,
        folder: Option<&Path>,
        output: &mut dyn Write,
    ) -> io::Result<()> {
        Bash.write_complete(command, words, folder, output)
    }
}

const BASH: &str = r#"# Completions of NAME for bash.
_NAME() {
    # Joins the words that bash has split at characters which are parts of words here.
    local breaks="" c i n=0 word rest=$COMP_LINE
    for c in : = @; do
        [[ $COMP_WORDBREAKS == *"$c"* ]] && breaks+=$c
    done
    local words=("${COMP_WORDS[0]}")
    rest=${rest#*"${COMP_WORDS[0]}"}
    for ((i = 1; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ -n $breaks && -n $word && $rest != [[:space:]]* &&
            ($word == ["$breaks"]* || ${words[n]} == *["$breaks"]) ]]; then
            words[n]+=$word
        elif [[ -z $word && -n $breaks && $rest != [[:space:]]* && ${words[n]} == *["$breaks"] ]]; then
            :
        else
            n=$((n + 1))
            words[n]=$word
        fi
        rest=${rest#*"$word"}
    done
    # bash replaces only the part of the word behind the last of these characters, but an `@` with it.
    local current=${words[n]} prefix="" reply
    breaks=${breaks%@}
    [[ -n $breaks ]] && prefix=${current%"${current##*["$breaks"]}"}
    COMPREPLY=()
    while IFS= read -r -d $'\v' reply || [[ -n $reply ]]; do
        reply=${reply#"$prefix"}
        [[ $reply == *[[:space:]\'\"\\\$\&\|\;\(\)\<\>\*\?\!\`\#]* ]] && printf -v reply %q "$reply"
        COMPREPLY+=("$reply")
    done < <(_CLAP_IFS=$'\v' _CLAP_COMPLETE_INDEX=$n VARIABLE=bash COMPLETER -- "${words[@]}" 2>/dev/null)
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=/:] ]]; then
        compopt -o nospace 2>/dev/null
    fi
}
if [[ ${BASH_VERSINFO[0]} -gt 4 || ${BASH_VERSINFO[0]} -eq 4 && ${BASH_VERSINFO[1]} -ge 4 ]]; then
    complete -o bashdefault -o nosort -F _NAME PROGRAM
else
    complete -o bashdefault -F _NAME PROGRAM
fi"#;

/// zsh loads the script at the first completion if it is a file in a folder of `$fpath`; it must then complete as well.
struct AutoloadedZsh;

impl EnvCompleter for AutoloadedZsh {
    fn name(&self) -> &'static str {
        Zsh.name()
    }

    fn is(&self, name: &str) -> bool {
        Zsh.is(name)
    }

    fn write_registration(
        &self,
        variable: &str,
        name: &str,
        program: &str,
        completer: &str,
        script: &mut dyn Write,
    ) -> io::Result<()> {
        Zsh.write_registration(variable, name, program, completer, script)?;
        writeln!(script, "[[ $funcstack[1] == _{name} ]] && _clap_dynamic_completer_{name} \"$@\"\ntrue")
    }

    fn write_complete(
        &self,
        command: &mut Command,
        words: Vec<OsString>,
        folder: Option<&Path>,
        output: &mut dyn Write,
    ) -> io::Result<()> {
        Zsh.write_complete(command, words, folder, output)
    }
}
