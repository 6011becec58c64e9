//! `stepgate template`: prints the CloudFormation template of a gateway, or compares it with the configuration.

mod arn;
mod check;
mod log_groups;
mod plan;
mod problem;
mod role;

use clap::Args;

use crate::cli::report::console::print;
use crate::cli::{Common, Exit};

const TEMPLATE: &str = include_str!("../../../../infra/gateway.yaml");

/// Print the CloudFormation template of a gateway.
///
/// Deploy it with the AWS CLI. It creates a REST API with the routes that stepgate uses, and a role that may perform
/// their actions on your state machines and nothing else.
#[derive(Debug, Args)]
pub(in crate::cli) struct TemplateArguments {
    /// Show the routes, stacks and parameters that the configuration needs, instead of the template.
    ///
    /// A stack starts only machines of its own region and account, and only as many as fit into the policy of its role
    /// (10,240 bytes) and into a parameter (4,096 bytes). If the machines do not fit, the output says what to do.
    #[arg(long)]
    check_config: bool,
    /// ARNs of the KMS keys that encrypt the machines, which --check-config counts as part of the policy.
    #[arg(long, value_name = "ARN", value_delimiter = ',', requires = "check_config", value_parser = arn::key)]
    kms_key_arns: Vec<String>,
    /// ARNs of the log groups that the logs route reads, which --check-config counts as part of the policy.
    ///
    /// One for all machines, or one for each machine of the endpoint, in the order of the configuration.
    #[arg(long, value_name = "ARN", value_delimiter = ',', requires = "check_config", value_parser = arn::log_group)]
    log_group_arns: Vec<String>,
}

pub(in crate::cli) async fn run(arguments: TemplateArguments, common: &Common) -> anyhow::Result<Exit> {
    if arguments.check_config {
        return check::run(&arguments.kms_key_arns, &arguments.log_group_arns, common).await;
    }
    print(TEMPLATE.as_bytes())?;
    Ok(Exit::Done)
}
