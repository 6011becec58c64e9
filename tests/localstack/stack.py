"""Builds, on a running LocalStack, what a person would click together in the
AWS console: Step Functions state machines and REST APIs that offer
StartExecution as POST /execution and DescribeExecution as
POST /execution/status.

The REST APIs differ in one thing each:

* open:   no authentication, one default 200 integration response, so that
          errors of Step Functions arrive as HTTP 200
* keyed:  as open, and its methods want an API key
* mapped: as open, and errors of Step Functions arrive as HTTP 400 or 502
* input:  as open, and a mapping template makes the body of a start the input
          of one state machine

EXPRESS state machines have log groups, and no REST API of their own.

The addresses of everything are written to a JSON file.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import boto3

REGION = "ap-northeast-1"
STAGE = "dev"
API_KEY = "stepgate-localstack-api-key"

# What an API answers beside its default 200: selection pattern by status.
ERROR_STATUSES = {"400": r"4\d{2}", "502": r"5\d{2}"}

MACHINES: dict[str, dict[str, Any]] = {
    "PassStateMachine": {
        "Comment": "Answers with a fixed result.",
        "StartAt": "Pass",
        "States": {"Pass": {"Type": "Pass", "Result": {"Arg1": "argument1"}, "End": True}},
    },
    "EchoStateMachine": {
        "Comment": "Answers with its input.",
        "StartAt": "Echo",
        "States": {"Echo": {"Type": "Pass", "End": True}},
    },
    "WaitStateMachine": {
        "Comment": "Waits as many seconds as its input says.",
        "StartAt": "Wait",
        "States": {
            "Wait": {"Type": "Wait", "SecondsPath": "$.seconds", "Next": "Done"},
            "Done": {"Type": "Succeed"},
        },
    },
    "FailStateMachine": {
        "Comment": "Fails at once.",
        "StartAt": "Fail",
        "States": {
            "Fail": {
                "Type": "Fail",
                "Error": "SomeFailure",
                "Cause": "This state machine raises a 'SomeFailure' failure.",
            }
        },
    },
    "TimeoutStateMachine": {
        "Comment": "Exceeds its own time limit.",
        "StartAt": "Wait",
        "TimeoutSeconds": 2,
        "States": {"Wait": {"Type": "Wait", "Seconds": 60, "End": True}},
    },
}

INPUT_MACHINE: dict[str, Any] = {
    "Comment": "Fails if its input says so.",
    "StartAt": "Choose",
    "States": {
        "Choose": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.fail", "BooleanEquals": True, "Next": "Fail"}],
            "Default": "Done",
        },
        "Done": {"Type": "Pass", "End": True},
        "Fail": {"Type": "Fail", "Error": "AsAsked", "Cause": "The input says so."},
    },
}

# As the documentation of API Gateway shows it.
INPUT_TEMPLATE = (
    '{"stateMachineArn": "MACHINE", "input": "$util.escapeJavaScript($input.json(\'$\'))"}'
)

# The definition and the log level of each. There is a log group for each level.
EXPRESS: dict[str, tuple[dict[str, Any], str]] = {
    "EchoExpress": (MACHINES["EchoStateMachine"], "ALL"),
    "FailExpress": (MACHINES["FailStateMachine"], "ALL"),
    "TimeoutExpress": (MACHINES["TimeoutStateMachine"], "ALL"),
    "WaitExpress": (MACHINES["WaitStateMachine"], "ALL"),
    "QuietEchoExpress": (MACHINES["EchoStateMachine"], "ERROR"),
    "QuietFailExpress": (MACHINES["FailStateMachine"], "ERROR"),
}


class Stack:
    """The AWS clients of one LocalStack, and what is built with them."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        # Given explicitly, so that no real account can ever be meant.
        session = boto3.Session(
            aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION
        )
        self.iam = session.client("iam", endpoint_url=endpoint)
        self.states = session.client("stepfunctions", endpoint_url=endpoint)
        self.gateway = session.client("apigateway", endpoint_url=endpoint)
        self.logs = session.client("logs", endpoint_url=endpoint)
        # The role of all state machines.
        self.machine_role = ""

    def build(self) -> dict[str, Any]:
        """Creates everything and returns its addresses."""
        self.machine_role = self.create_role("StepFunctionsRole", "states")
        machines = self.create_machines(MACHINES)
        express = self.create_express_machines()
        input_machine = self.create_machines({"InputStateMachine": INPUT_MACHINE})
        [input_arn] = input_machine.values()
        role = self.create_gateway_role(machines | input_machine)
        open_id = self.create_api("open", role)
        keyed_id = self.create_api("keyed", role, api_key_required=True)
        mapped_id = self.create_api("mapped", role, error_statuses=ERROR_STATUSES)
        template = INPUT_TEMPLATE.replace("MACHINE", input_arn)
        input_id = self.create_api("input", role, start_template=template)
        self.create_api_key(keyed_id)
        return {
            "open": {"url": self.url(open_id, STAGE)},
            "keyed": {"url": self.url(keyed_id, STAGE), "api_key": API_KEY},
            "mapped": {"url": self.url(mapped_id, STAGE)},
            "wrong_stage": {"url": self.url(open_id, "nostage")},
            "machines": machines,
            "input": {"url": self.url(input_id, STAGE), "machine": input_arn},
            "express": express,
        }

    def url(self, api_id: str, stage: str) -> str:
        return f"{self.endpoint}/_aws/execute-api/{api_id}/{stage}"

    def create_role(self, name: str, service: str) -> str:
        """A role that the AWS service may assume; returns its ARN."""
        role = self.iam.create_role(
            RoleName=name,
            AssumeRolePolicyDocument=policy(
                Principal={"Service": f"{service}.amazonaws.com"}, Action="sts:AssumeRole"
            ),
        )
        return role["Role"]["Arn"]

    def create_machines(self, machines: dict[str, dict[str, Any]]) -> dict[str, str]:
        """The state machines' ARNs by name."""
        # They call no other service, so their role needs no permission.
        return {
            name: self.states.create_state_machine(
                name=name, definition=json.dumps(definition), roleArn=self.machine_role
            )["stateMachineArn"]
            for name, definition in machines.items()
        }

    def create_express_machines(self) -> dict[str, dict[str, str]]:
        """The ARN and the log group's ARN of each EXPRESS state machine, by name."""
        groups = {level: self.create_log_group(level) for level in ("ALL", "ERROR")}
        created = {}
        for name, (definition, level) in EXPRESS.items():
            arn = self.states.create_state_machine(
                name=name,
                definition=json.dumps(definition),
                roleArn=self.machine_role,
                type="EXPRESS",
                loggingConfiguration={
                    "level": level,
                    "includeExecutionData": True,
                    "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": groups[level]}}],
                },
            )["stateMachineArn"]
            created[name] = {"arn": arn, "log_group": groups[level]}
        return created

    def create_log_group(self, level: str) -> str:
        """A log group for EXPRESS state machines of this log level; returns its ARN."""
        name = f"/aws/vendedlogs/states/{level.lower()}"
        self.logs.create_log_group(logGroupName=name)
        groups = self.logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
        return groups[0]["arn"]

    def create_gateway_role(self, machines: dict[str, str]) -> str:
        """The role that may start and describe executions of the machines."""
        name = "ApiGatewayRole"
        executions = [arn.replace(":stateMachine:", ":execution:") + ":*" for arn in machines.values()]
        role = self.create_role(name, "apigateway")
        self.iam.put_role_policy(
            RoleName=name,
            PolicyName="StartExecution",
            PolicyDocument=policy(Action="states:StartExecution", Resource=list(machines.values())),
        )
        self.iam.put_role_policy(
            RoleName=name,
            PolicyName="DescribeExecution",
            PolicyDocument=policy(Action="states:DescribeExecution", Resource=executions),
        )
        return role

    def create_api(
        self,
        name: str,
        role: str,
        api_key_required: bool = False,
        error_statuses: dict[str, str] | None = None,
        start_template: str | None = None,
    ) -> str:
        """A deployed REST API; returns its id."""
        api_id = self.gateway.create_rest_api(
            name=name, endpointConfiguration={"types": ["REGIONAL"]}
        )["id"]
        root = self.gateway.get_resources(restApiId=api_id)["items"][0]["id"]
        execution = self.create_resource(api_id, root, "execution")
        status = self.create_resource(api_id, execution, "status")
        for resource, action, template in (
            (execution, "StartExecution", start_template),
            (status, "DescribeExecution", None),
        ):
            self.create_method(api_id, resource, action, role, api_key_required, template)
            # No selection pattern makes it the default response.
            self.create_response(api_id, resource, "200")
            for code, pattern in (error_statuses or {}).items():
                self.create_response(api_id, resource, code, selectionPattern=pattern)
        self.gateway.create_deployment(restApiId=api_id, stageName=STAGE)
        return api_id

    def create_resource(self, api_id: str, parent: str, path_part: str) -> str:
        return self.gateway.create_resource(
            restApiId=api_id, parentId=parent, pathPart=path_part
        )["id"]

    def create_method(
        self,
        api_id: str,
        resource: str,
        action: str,
        role: str,
        api_key_required: bool,
        template: str | None,
    ) -> None:
        """A POST method that hands its body to a Step Functions action, by way of
        the mapping template if there is one."""
        self.gateway.put_method(
            restApiId=api_id,
            resourceId=resource,
            httpMethod="POST",
            authorizationType="NONE",
            apiKeyRequired=api_key_required,
        )
        self.gateway.put_integration(
            restApiId=api_id,
            resourceId=resource,
            httpMethod="POST",
            type="AWS",
            integrationHttpMethod="POST",
            uri=f"arn:aws:apigateway:{REGION}:states:action/{action}",
            credentials=role,
            passthroughBehavior="WHEN_NO_TEMPLATES",
            **({"requestTemplates": {"application/json": template}} if template else {}),
        )

    def create_response(self, api_id: str, resource: str, status: str, **selection: str) -> None:
        """A method response and the integration response that leads to it."""
        method = {"restApiId": api_id, "resourceId": resource, "httpMethod": "POST"}
        self.gateway.put_method_response(**method, statusCode=status)
        self.gateway.put_integration_response(**method, statusCode=status, **selection)

    def create_api_key(self, api_id: str) -> None:
        """An API key that opens the stage of one API, by way of a usage plan."""
        key = self.gateway.create_api_key(name="stepgate", value=API_KEY, enabled=True)["id"]
        plan = self.gateway.create_usage_plan(
            name="stepgate", apiStages=[{"apiId": api_id, "stage": STAGE}]
        )["id"]
        self.gateway.create_usage_plan_key(usagePlanId=plan, keyId=key, keyType="API_KEY")


def policy(**statement: Any) -> str:
    """An IAM policy document of one statement that allows something."""
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


def main() -> None:
    parser = argparse.ArgumentParser(description="Build the test stack on a running LocalStack.")
    parser.add_argument("--endpoint", required=True, help="http://127.0.0.1:PORT")
    parser.add_argument("--out", required=True, type=Path, help="JSON file to write")
    args = parser.parse_args()
    addresses = Stack(args.endpoint.rstrip("/")).build()
    args.out.write_text(json.dumps(addresses, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
