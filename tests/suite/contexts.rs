//! Several endpoints in the terminal UI: key scripts with two endpoints, and the screens of both.

use crate::support::contexts::{filled, guarded, opened, setup, submit};
use crate::support::render;
use crate::support::scene::{self, press};
use ratatui::style::Color;
use stepgate::app::{Click, Effect, Model, Msg, Overlay, Pane, Setup, update};
use stepgate::ui::Theme;
use stepgate_core::domain::{
    EndpointName, Failure, FailureKind, ListedMachine, Machine, MachineType, OptionalRoutes, Remembered, Settled,
    StartId, StartOrder, StateMachineArn, UiChoices,
};

fn screen(model: &Model) -> String {
    render::text_of(&render::drawn(model, &Theme::dark()))
}

fn ordered(effects: Vec<Effect>) -> (StartId, StartOrder) {
    scene::ordered(effects)
}

fn names(model: &Model) -> Vec<&str> {
    model.list().executions().window(0, 100).map(|row| row.arn.name()).collect()
}

fn shown(model: &Model) -> Option<&str> {
    model.shell().endpoints().selected().map(EndpointName::as_str)
}

#[test]
fn one_endpoint_is_shown_by_number_by_name_and_in_the_picker() {
    for (script, expected) in [
        ("1", Some("dev")),
        ("2", Some("prod")),
        ("2 0", None),
        (": endpoint space prod enter", Some("prod")),
        (": endpoint space pr enter", Some("prod")),
        (": endpoint space 1 enter", Some("dev")),
        (": ctx space 2 enter", Some("prod")),
        ("2 : endpoint space 0 enter", None),
        (": endpoint space pr tab enter", Some("prod")),
        ("@ pr tab enter", Some("prod")),
        ("2 : endpoint space all enter", None),
        ("@ prod enter", Some("prod")),
        ("@ down down enter", Some("prod")),
        ("2 @ up enter", Some("dev")),
        ("1 @ all enter", None),
        ("2 @ esc", Some("prod")),
        ("@ eu-west enter", Some("prod")),
        ("@ 1 enter", Some("dev")),
        ("@ 2 enter", Some("prod")),
        ("1 @ 0 enter", None),
        ("1 : endpoint enter prod enter", Some("prod")),
    ] {
        let mut model = filled(120, 40);
        let effects = press(&mut model, script);
        assert_eq!(shown(&model), expected, "{script}");
        assert!(matches!(model.shell().overlay(), Overlay::None), "{script}");
        let remembered = effects.into_iter().rev().find_map(|effect| match effect {
            Effect::RememberChoice(key, value) => Some((key, value)),
            _ => None,
        });
        assert_eq!(remembered, Some(("endpoint", expected.map(str::to_owned))), "{script}");
        let list: &[&str] = match expected {
            Some("dev") => &["on-dev"],
            Some(_) => &["on-prod-2", "on-prod-1"],
            None => &["on-prod-2", "on-dev", "on-prod-1"],
        };
        assert_eq!(
            (names(&model).as_slice(), model.list().executions().counts().running),
            (list, list.len()),
            "{script}"
        );
    }
}

#[test]
fn an_unknown_name_or_number_changes_nothing_and_says_why() {
    for (script, said) in [
        (": endpoint space prdo enter", "No endpoint `prdo` in the configuration. There are: dev, prod."),
        (": endpoint space 3 enter", "There are only 2 endpoints."),
        ("3", "There are only 2 endpoints."),
    ] {
        let mut model = filled(120, 40);
        let effects = press(&mut model, script);
        assert!(!effects.iter().any(|effect| matches!(effect, Effect::RememberChoice(..))), "{script}");
        assert_eq!((shown(&model), names(&model).len()), (None, 3), "{script}");
        assert!(screen(&model).contains(said), "{script}: {}", screen(&model));
    }
    let mut single = scene::opened(120, 40);
    press(&mut single, "@");
    assert!(screen(&single).contains("dev is the only endpoint in the configuration."));
    press(&mut single, "1");
    assert_eq!(shown(&single), None, "there is nothing to choose");
    assert!(screen(&single).contains("Choose a machine and press Enter to start one."), "{}", screen(&single));
    press(&mut single, "tab");
    assert!(screen(&single).contains("No executions yet. Press n to start one."), "{}", screen(&single));
}

#[test]
fn the_choice_of_an_earlier_launch_is_restored_unless_it_is_gone_or_another_was_given() {
    let choices = |name: &str| UiChoices::from(vec![("endpoint".to_owned(), name.to_owned())]);
    for (given, remembered, expected) in [
        (None, "prod", Some("prod")),
        (None, "gone", None),
        (None, "", None),
        (Some("dev"), "prod", Some("dev")),
        (Some("gone"), "prod", None),
    ] {
        let endpoint = given.filter(|name| *name != "gone").map(EndpointName::new);
        let given_is_gone = given == Some("gone");
        let mut model = Model::new(Setup { endpoint, ..setup(120, 40) });
        let ui_choices = if given_is_gone { UiChoices::default() } else { choices(remembered) };
        let effects =
            update(&mut model, Msg::StoreLoaded(Box::new(Remembered { ui_choices, ..Remembered::default() })));
        assert_eq!(shown(&model), expected, "{given:?} {remembered}");
        assert!(
            !effects.iter().any(|effect| matches!(effect, Effect::RememberChoice(..))),
            "only a choice is remembered"
        );
    }
}

#[test]
fn machines_are_grouped_and_only_machines_are_selected() {
    let mut model = opened(120, 40);
    press(&mut model, "shift-tab");
    while model.shell().focus() != Pane::Machines {
        press(&mut model, "tab");
    }
    let selected = |model: &Model| {
        let machines = model.list().machines();
        let machine = machines.selected().and_then(|index| machines.get(index)).expect("a machine");
        format!("{} {}", machine.name, machine.endpoint)
    };
    let all = ["order-pipeline dev", "nightly-report dev", "order-pipeline prod", "注文処理 prod"];
    for expected in all {
        assert_eq!(selected(&model), expected);
        press(&mut model, "j");
    }
    assert_eq!(selected(&model), all[3], "the last line");
    press(&mut model, "g");
    assert_eq!(selected(&model), all[0]);
    // The same machine is selected on the other endpoint.
    press(&mut model, "2");
    assert_eq!(selected(&model), all[2]);
    press(&mut model, "k");
    assert_eq!(selected(&model), all[2], "the first of two");
    press(&mut model, "G enter");
    let Overlay::Start(form) = model.shell().overlay() else { panic!("a form") };
    assert_eq!(model.list().machines().get(form.machine).map(|machine| &*machine.name), Some("注文処理"));
    // The picker offers what is shown.
    press(&mut model, "esc n");
    let Overlay::Pick(picker) = model.shell().overlay() else { panic!("the picker") };
    assert_eq!(picker.found().len(), 2);
}

#[test]
fn the_endpoint_of_the_selected_machine_is_in_view() {
    let mut setup = setup(80, 24);
    let machines = setup.machines.clone();
    let copy =
        |machine: &Machine, number| Machine { name: format!("{}-{number}", machine.name).into(), ..machine.clone() };
    setup.machines.extend((0..20).flat_map(|number| machines.iter().map(move |machine| copy(machine, number))));
    for mut model in [filled(80, 24), Model::new(setup)] {
        while model.shell().focus() != Pane::Machines {
            press(&mut model, "tab");
        }
        let all = model.list().machines().shown().count();
        press(&mut model, "g");
        for _ in 0..all {
            let text = screen(&model);
            let lines: Vec<&str> = text.lines().skip(3).take_while(|line| line.starts_with('┃')).collect();
            let selected = lines.iter().position(|line| line.starts_with("┃▸")).expect("the selected machine");
            let machines = model.list().machines();
            let endpoint =
                machines.selected().and_then(|index| machines.get(index)).expect("a machine").endpoint.clone();
            let above = lines[..selected].iter().rev().find(|line| !line.starts_with("┃  ")).expect("an endpoint");
            assert!(above.starts_with(&format!("┃ {endpoint} ")), "{text}");
            if all < 9 {
                assert_eq!(lines.len(), all + 2, "everything fits:\n{text}");
            }
            press(&mut model, "j");
        }
    }
    // A click selects the machine that it is on.
    let mut model = filled(80, 24);
    press(&mut model, "shift-tab");
    update(&mut model, Msg::Mouse(Click::Press, 5, 5));
    let machines = model.list().machines();
    assert_eq!(
        machines.selected().and_then(|index| machines.get(index)).map(|machine| &*machine.name),
        Some("nightly-report")
    );
}

#[test]
fn the_same_input_can_be_started_on_another_endpoint() {
    let mut model = opened(120, 40);
    press(&mut model, "n order enter ctrl-x ctrl-x");
    assert!(screen(&model).contains("Start order-pipeline on dev"), "{}", screen(&model));
    let first = submit(&mut model, "first");
    assert_eq!(first.endpoint.as_str(), "dev");
    press(&mut model, "1 r");
    assert!(screen(&model).contains("Start order-pipeline on dev"));
    press(&mut model, "ctrl-x");
    let form = screen(&model);
    assert!(form.contains("Start order-pipeline on prod"), "{form}");
    let second = submit(&mut model, "second");
    assert_eq!((second.endpoint.as_str(), second.gateway.as_str()), ("prod", "https://api.example.com/prod"));
    assert_eq!((second.input, &second.machine_name), (first.input, &first.machine_name));
    // It would be hidden.
    assert_eq!((shown(&model), names(&model).len()), (None, 2));
    assert!(screen(&model).contains("Showing all endpoints: the new execution is on prod."));
    // The other machine is on one endpoint.
    press(&mut model, "n nightly enter ctrl-x");
    assert!(screen(&model).contains("The machine is on no other endpoint."));
    assert!(screen(&model).contains("Start nightly-report on dev"));
}

#[test]
fn generated_names_are_not_shared_by_endpoints() {
    let mut model = opened(120, 40);
    press(&mut model, "n order enter");
    let (id, first) = ordered(press(&mut model, "ctrl-s"));
    let failure = stepgate_core::domain::Failure::without_response(stepgate_core::domain::FailureKind::Throttled, "no");
    update(&mut model, Msg::StartFinished(id, None, Settled::Refused(failure.clone())));
    press(&mut model, "ctrl-x");
    let (id, second) = ordered(press(&mut model, "ctrl-s"));
    assert_ne!((&first.name, &first.endpoint), (&second.name, &second.endpoint));
    assert_ne!(first.name, second.name);
    update(&mut model, Msg::StartFinished(id, None, Settled::Refused(failure)));
    // The same start as the first one.
    press(&mut model, "ctrl-x");
    let (_, third) = ordered(press(&mut model, "ctrl-s"));
    assert_eq!(third, first);
}

#[test]
fn groups_and_filters_tell_the_endpoints_of_a_machine_apart() {
    let mut model = opened(200, 50);
    for (endpoint, name) in [("1", "on-dev"), ("2", "on-prod")] {
        press(&mut model, &format!("{endpoint} n order enter"));
        submit(&mut model, name);
    }
    let one = screen(&model);
    assert!(!one.contains("order-pipeline · prod  14:"), "one endpoint is shown: {one}");
    press(&mut model, "0");
    assert!(screen(&model).contains("order-pipeline · dev "), "{}", screen(&model));
    press(&mut model, "u");
    let groups: Vec<&str> =
        model.list().groups().expect("groups").machines().iter().map(|group| group.endpoint.as_str()).collect();
    assert_eq!(groups, ["dev", "prod"]);
    assert!(screen(&model).contains("order-pipeline · prod"), "{}", screen(&model));
    press(&mut model, "G enter");
    assert_eq!(
        (names(&model), model.list().executions().filter()),
        (vec!["on-prod"], Some("machine:order-pipeline endpoint:prod"))
    );
    press(&mut model, "esc 1 u");
    let groups = model.list().groups().expect("groups").machines();
    assert_eq!(groups.len(), 1, "only dev is shown");
    press(&mut model, "enter");
    assert_eq!(model.list().executions().filter(), Some("machine:order-pipeline"));
}

#[test]
fn an_endpoint_without_executions_or_machines_says_so() {
    let mut model = filled(120, 40);
    press(&mut model, "/ no-such-name enter");
    assert!(screen(&model).contains("No executions match"));
    press(&mut model, "esc");
    let mut empty = opened(120, 40);
    press(&mut empty, "n 注文 enter");
    submit(&mut empty, "on-prod");
    press(&mut empty, "1");
    assert!(screen(&empty).contains("No executions on dev yet."), "{}", screen(&empty));
    press(&mut empty, "0");
    assert_eq!(names(&empty), ["on-prod"]);
    let mut setup = setup(120, 40);
    setup.machines.retain(|machine| machine.endpoint.as_str() == "dev");
    let mut model = Model::new(setup);
    press(&mut model, "2");
    assert!(screen(&model).contains("None on prod."), "{}", screen(&model));
    assert!(screen(&model).contains("No executions on prod yet."), "{}", screen(&model));
    assert!(!screen(&model).contains("to start one"), "{}", screen(&model));
    // Nothing is selected, so there is nothing to start.
    press(&mut model, "b");
    assert!(screen(&model).contains("No machine to start."), "{}", screen(&model));
    press(&mut model, "esc n");
    assert!(screen(&model).contains("No matching machine on prod."), "{}", screen(&model));
}

#[test]
fn marks_of_hidden_executions_are_removed() {
    let mut model = filled(120, 40);
    press(&mut model, "* 1");
    assert_eq!(model.list().executions().marked().count(), 1);
    assert_eq!(model.selected().map(|row| row.endpoint.as_str()), Some("dev"));
}

#[test]
fn a_wider_screen_never_shows_less() {
    const COLUMNS: [&str; 6] = [" STATUS ", " NAME ", " MACHINE ", " STARTED ", " DURATION", " ERROR "];
    for (height, keys) in [(10, ""), (19, ""), (20, ""), (24, "S S"), (40, "shift-tab"), (40, "enter")] {
        for mut model in [filled(40, height), scene::at_work(40, height)] {
            press(&mut model, keys);
            let mut before = Vec::new();
            for width in 40..300 {
                update(&mut model, Msg::Resized(width, height));
                if model.geometry().pane(Pane::Executions).is_none() {
                    continue;
                }
                let text = screen(&model);
                let now: Vec<&str> = COLUMNS.into_iter().filter(|column| text.contains(column)).collect();
                assert!(before.iter().all(|column| now.contains(column)), "{width}: {before:?}\n{text}");
                before = now;
            }
            assert!(before.len() >= 5, "{before:?}");
        }
    }
}

#[test]
fn any_size_can_be_drawn() {
    for (width, height) in [(40, 10), (200, 50), (20, 3), (1, 1), (0, 0)] {
        let mut model = filled(width, height);
        for script in ["@", "esc 2", "n", "esc 0 u"] {
            press(&mut model, script);
            screen(&model);
        }
    }
}

#[test]
fn a_colour_marks_the_endpoint_in_header_groups_and_forms_but_not_without_colours() {
    let reds = |model: &Model, theme: &Theme| {
        let buffer = render::drawn(model, theme);
        let cells = buffer.content().iter().filter(|cell| cell.fg == Color::Red);
        cells.map(|cell| cell.symbol().to_owned()).collect::<String>()
    };
    let mut model = opened(120, 40);
    assert!(reds(&model, &Theme::dark()).contains("prod"), "in the machines");
    press(&mut model, "2");
    assert!(reds(&model, &Theme::dark()).contains("prod"), "in the header");
    press(&mut model, "n order enter");
    let form = reds(&model, &Theme::high_contrast_on_dark());
    assert!(form.contains("prod") && form.contains('━'), "title and border: {form}");
    press(&mut model, "esc 1");
    assert_eq!(reds(&model, &Theme::dark()), "", "dev has none");
}

#[test]
fn a_search_without_a_match_names_the_endpoint_that_was_searched() {
    for (keys, said) in [("1 n zzz", "No matching machine on dev."), ("0 n zzz", "No matching machine.")] {
        let mut model = filled(120, 40);
        press(&mut model, keys);
        assert!(screen(&model).contains(said), "{keys}: {}", screen(&model));
    }
}

#[test]
fn a_form_names_its_endpoint_however_long_the_name_of_the_machine_is() {
    for (width, height) in [(80, 24), (40, 10)] {
        let mut setup = setup(width, height);
        setup.machines[1].name = "order-pipeline-".repeat(8).into();
        let mut model = Model::new(setup);
        for (keys, endpoint) in [("n prod enter", "prod"), ("esc b", "prod")] {
            press(&mut model, keys);
            let screen = screen(&model);
            let title = screen.lines().find(|line| line.contains("Start order-")).expect("a title");
            assert!(title.contains(&format!(" on {endpoint}")), "{screen}");
        }
    }
}

#[test]
fn a_stop_names_the_endpoints_of_the_executions_in_their_colours() {
    let opened = |keys: &str, long: bool| {
        let mut setup = setup(80, 24);
        for endpoint in &mut setup.endpoints {
            endpoint.endpoint.optional_routes = OptionalRoutes::with_default_paths();
        }
        let mut model = Model::new(setup);
        let name = if long { "n".repeat(80) } else { "on-prod".to_owned() };
        for (machine, name) in [("nightly", "on-dev"), ("prod", &*name)] {
            press(&mut model, &format!("n {machine} enter"));
            submit(&mut model, name);
        }
        press(&mut model, keys);
        model
    };
    let title = |model: &Model| {
        let buffer = render::drawn(model, &Theme::dark());
        let text = render::text_of(&buffer);
        let line = text.lines().position(|line| line.contains("Stop ")).expect("a title");
        let width = usize::from(buffer.area.width);
        let red = buffer.content()[line * width..(line + 1) * width].iter().filter(|cell| cell.fg == Color::Red);
        let red: String = red.map(ratatui::buffer::Cell::symbol).collect();
        (text.lines().nth(line).expect("a line").to_owned(), red.trim_matches(['┏', '┓', '━']).to_owned())
    };
    let (text, red) = title(&opened("x", false));
    assert!(text.contains("┏ Stop on-prod on prod? ━"), "{text}");
    assert_eq!(red, "prod");
    let (text, _) = title(&opened("* x", false));
    assert!(text.contains("┏ Stop 2 executions on dev, prod? ━"), "{text}");
    let (text, red) = title(&opened("x", true));
    assert!(text.contains("nn… on prod?"), "a long name leaves room for the endpoint: {text}");
    assert_eq!(red, "prod");
    // With one endpoint there is nothing to distinguish.
    let mut model = crate::support::scenes::steerable(80, 24);
    press(&mut model, "x");
    assert!(!screen(&model).contains(" on dev"), "{}", screen(&model));
}

#[test]
fn machines_that_only_the_gateway_lists_can_be_started() {
    let setup = guarded(120, 40);
    let of = |index: usize| {
        let info = &setup.endpoints[index];
        Effect::ListMachines(info.gateway.clone(), info.name.clone())
    };
    let listing = |effects: Vec<Effect>| -> Vec<Effect> {
        effects.into_iter().filter(|effect| matches!(effect, Effect::ListMachines(..))).collect()
    };
    let selected = |model: &Model| match model.shell().overlay() {
        Overlay::Pick(picker) => picker.selected(),
        _ => panic!("the picker is open"),
    };
    let listed = |name: &str| {
        let arn = StateMachineArn::parse(&format!("arn:aws:states:eu-west-1:999999999999:stateMachine:{name}"));
        ListedMachine { arn: arn.expect("an ARN"), machine_type: MachineType::Express }
    };
    let mut model = Model::new(setup.clone());
    assert_eq!(listing(press(&mut model, "n")), [of(0), of(1)]);
    press(&mut model, "down");
    let before = selected(&model);
    press(&mut model, "zzz");
    assert!(screen(&model).contains("Listing the machines of the gateway."), "{}", screen(&model));
    press(&mut model, "esc");
    assert_eq!(listing(press(&mut model, "n down")), []);
    let page = Ok((vec![listed("only-listed"), listed("order-pipeline")], false));
    update(&mut model, Msg::MachinesListed(EndpointName::new("dev"), page));
    assert_eq!(selected(&model), before);
    let refused = Failure::without_response(FailureKind::RoleDenied, "");
    update(&mut model, Msg::MachinesListed(EndpointName::new("prod"), Err(refused)));
    assert!(screen(&model).contains("the machines of prod cannot be listed: "), "{}", screen(&model));
    let count = model.list().machines().shown().count();
    press(&mut model, "only-listed enter tab x");
    let (_, order) = ordered(press(&mut model, "ctrl-s"));
    assert_eq!((&*order.machine_name, order.endpoint.as_str()), ("only-listed", "dev"));
    assert_eq!((order.machine.name(), order.machine_type), ("only-listed", MachineType::Express));
    assert_eq!(model.list().machines().shown().count(), count, "the pane has the machines of the configuration");
    // A list that was read is not requested again, and a failed one is.
    press(&mut model, "esc");
    assert_eq!(listing(press(&mut model, "n")), [of(1)]);
    // A name of the configuration stands for its machine only.
    press(&mut model, "999999999999:stateMachine:order enter");
    let (_, order) = ordered(press(&mut model, "ctrl-s"));
    assert_eq!(&*order.machine_name, order.machine.as_str());
}
