//! A program with two endpoints.

use crate::support::scene::{self, press};
use ratatui::style::Color;
use stepgate::app::{EndpointInfo, Model, Msg, Setup, update};
use stepgate_core::domain::{
    Confirmation, Endpoint, EndpointName, Machine, OptionalRoutes, Settled, StartOrder, Started,
};

/// `order-pipeline` on dev and prod, `nightly-report` on dev, `注文処理` on prod.
pub fn setup(width: u16, height: u16) -> Setup {
    let mut setup = scene::setup(width, height);
    let prod = Endpoint { region: Some("eu-west-1".into()), ..Endpoint::plain("prod", "https://api.example.com/prod") };
    setup.endpoints.push(EndpointInfo { color: Some(Color::Red), ..EndpointInfo::from(&prod) });
    let on_prod = |machine: &Machine| Machine { endpoint: EndpointName::new("prod"), ..machine.clone() };
    let [order, nightly, last] = &setup.machines[..] else { panic!("three machines") };
    setup.machines = vec![order.clone(), on_prod(order), nightly.clone(), on_prod(last)];
    setup
}

/// The same with all routes, where the name of prod must be typed.
pub fn guarded(width: u16, height: u16) -> Setup {
    let mut setup = setup(width, height);
    for info in &mut setup.endpoints {
        info.endpoint.optional_routes = OptionalRoutes::with_default_paths();
        info.endpoint.confirm = (info.name.as_str() == "prod").then_some(Confirmation::Name);
    }
    setup
}

pub fn opened(width: u16, height: u16) -> Model {
    Model::new(setup(width, height))
}

/// Starts the machine of the form that is open.
pub fn submit(model: &mut Model, name: &str) -> StartOrder {
    let (id, order) = scene::ordered(press(model, &format!("tab {name} ctrl-s")));
    let arn = order.machine.execution(&order.name);
    update(model, Msg::StartFinished(id, None, Settled::Confirmed(Started::new(arn, Some(scene::NOW)))));
    order
}

/// One execution on dev, two on prod.
pub fn filled(width: u16, height: u16) -> Model {
    let mut model = opened(width, height);
    for (machine, name) in [("prod", "on-prod-1"), ("nightly", "on-dev"), ("注文", "on-prod-2")] {
        press(&mut model, &format!("n {machine} enter"));
        submit(&mut model, name);
    }
    model
}
