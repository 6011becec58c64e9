"""Deploys a CloudFormation template of a gateway on a running LocalStack, or
breaks one that is deployed there, as owners of gateways do by accident.

Without --fault the stack is created, in place of one of that name if there is
one, and its addresses are written to a JSON file:

    {"url": "...", "api_id": "...", "outputs": {...}, "api_key": "..." or null}

With --fault nothing is deployed and nothing is written.
"""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.exceptions import ClientError, WaiterError

REGION = "ap-northeast-1"

# The role has no name of its own, and the template is a SAM template.
CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]

# The path whose integration responses a fault takes away.
STATUS_PATH = "/execution/status"


class Deployment:
    """A stack of a gateway on one LocalStack, whether it is there yet or not."""

    def __init__(self, endpoint: str, stack: str) -> None:
        self.endpoint = endpoint
        self.stack = stack
        # Given explicitly, so that no real account can ever be meant.
        session = boto3.Session(
            aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION
        )
        self.formation = session.client("cloudformation", endpoint_url=endpoint)
        self.gateway = session.client("apigateway", endpoint_url=endpoint)

    def exists(self) -> bool:
        try:
            stacks = self.formation.describe_stacks(StackName=self.stack)["Stacks"]
        except ClientError as error:
            if error.response["Error"]["Code"] == "ValidationError":
                return False
            raise
        return stacks[0]["StackStatus"] != "DELETE_COMPLETE"

    def deploy(self, template: str, parameters: dict[str, str]) -> dict[str, Any]:
        """Creates the stack and returns its addresses.

        An update it cannot be: LocalStack reports one as done, but changes
        neither a REST API nor a stage by it. So the addresses are new each time.
        """
        if self.exists():
            self.delete_stack()
        self.formation.create_stack(
            StackName=self.stack,
            TemplateBody=template,
            Parameters=[
                {"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()
            ],
            Capabilities=CAPABILITIES,
        )
        self.wait("stack_create_complete")
        return self.addresses()

    def wait(self, state: str) -> None:
        self.formation.get_waiter(state).wait(
            StackName=self.stack, WaiterConfig={"Delay": 1, "MaxAttempts": 120}
        )

    def failures(self) -> list[str]:
        """What went wrong in the stack, one line for each event, oldest first."""
        events = self.formation.describe_stack_events(StackName=self.stack)["StackEvents"]
        return [
            f"{event['LogicalResourceId']}: {event['ResourceStatus']}: "
            f"{event.get('ResourceStatusReason', 'no reason is given')}"
            for event in reversed(events)
            if "FAILED" in event["ResourceStatus"] or "ROLLBACK" in event["ResourceStatus"]
        ]

    def outputs(self) -> dict[str, str]:
        stack = self.formation.describe_stacks(StackName=self.stack)["Stacks"][0]
        return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}

    def addresses(self) -> dict[str, Any]:
        outputs = self.outputs()
        api_id, stage = outputs["ApiId"], stage_of(outputs)
        key = None
        if key_id := outputs.get("ApiKeyId"):
            key = self.gateway.get_api_key(apiKey=key_id, includeValue=True)["value"]
        return {
            "url": f"{self.endpoint}/_aws/execute-api/{api_id}/{stage}",
            "api_id": api_id,
            "outputs": outputs,
            "api_key": key,
        }

    def delete_stage(self) -> None:
        outputs = self.outputs()
        self.gateway.delete_stage(restApiId=outputs["ApiId"], stageName=stage_of(outputs))

    def drop_integration_responses(self) -> None:
        """Keeps only a response for success to a status question, so that nothing
        matches a 400 of Step Functions."""
        outputs = self.outputs()
        method = {
            "restApiId": outputs["ApiId"],
            "resourceId": self.resource_id(outputs["ApiId"], STATUS_PATH),
            "httpMethod": "POST",
        }
        integration = self.gateway.get_integration(**method)
        for status in integration["integrationResponses"]:
            self.gateway.delete_integration_response(**method, statusCode=status)
        self.gateway.put_integration_response(
            **method, statusCode="200", selectionPattern=r"2\d{2}"
        )
        # A stage serves a snapshot of the API.
        self.gateway.create_deployment(restApiId=outputs["ApiId"], stageName=stage_of(outputs))

    def resource_id(self, api_id: str, path: str) -> str:
        resources = self.gateway.get_resources(restApiId=api_id, limit=500)["items"]
        return next(resource["id"] for resource in resources if resource["path"] == path)

    def leave_usage_plan(self) -> None:
        """Takes the stack's API key out of its usage plan."""
        key_id = self.outputs()["ApiKeyId"]
        for plan in self.gateway.get_usage_plans(keyId=key_id)["items"]:
            self.gateway.delete_usage_plan_key(usagePlanId=plan["id"], keyId=key_id)

    def delete_stack(self) -> None:
        """Deletes the stack; a second time where the first deletion failed.

        A resource that a fault took away before makes LocalStack report
        DELETE_FAILED now and then, although the rest of the stack is deleted.
        """
        self.formation.delete_stack(StackName=self.stack)
        try:
            self.wait("stack_delete_complete")
        except WaiterError:
            self.formation.delete_stack(StackName=self.stack)
            self.wait("stack_delete_complete")


FAULTS: dict[str, Callable[[Deployment], None]] = {
    "delete-stage": Deployment.delete_stage,
    "missing-integration-response": Deployment.drop_integration_responses,
    "no-usage-plan": Deployment.leave_usage_plan,
    "delete-stack": Deployment.delete_stack,
}


def stage_of(outputs: dict[str, str]) -> str:
    return urlsplit(outputs["Url"]).path.strip("/")


def parameter(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not KEY=VALUE")
    return key, value


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Deploy a gateway on a running LocalStack, or break it."
    )
    parser.add_argument("--endpoint", required=True, help="http://127.0.0.1:PORT")
    parser.add_argument("--stack", required=True, help="the stack's name")
    parser.add_argument("--template", type=Path, help="template to deploy")
    parser.add_argument("--out", type=Path, help="JSON file to write")
    parser.add_argument(
        "--parameter",
        action="append",
        default=[],
        type=parameter,
        metavar="KEY=VALUE",
        help="parameter of the template; may be given several times",
    )
    parser.add_argument("--fault", choices=FAULTS, help="what to break in the deployed stack")
    args = parser.parse_args()
    deployment = Deployment(args.endpoint.rstrip("/"), args.stack)
    if args.fault:
        try:
            FAULTS[args.fault](deployment)
        except WaiterError as error:
            sys.exit("\n".join([f"{args.stack}: {error}", *deployment.failures()]))
        return
    if not args.template or not args.out:
        parser.error("--template and --out are needed to deploy")
    try:
        template = args.template.read_text(encoding="utf-8")
        addresses = deployment.deploy(template, dict(args.parameter))
    except ClientError as error:
        sys.exit(f"{args.stack}: {error}")
    except WaiterError as error:
        sys.exit("\n".join([f"{args.stack}: {error}", *deployment.failures()]))
    args.out.write_text(json.dumps(addresses, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
