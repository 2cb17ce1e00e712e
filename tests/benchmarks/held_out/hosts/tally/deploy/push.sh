#!/usr/bin/env bash
# usage: deploy/push.sh BUCKET SHA
# Runs the node's update on every instance that carries Role=tally-node, and says the first one's host.
set -euo pipefail

bucket=${1:?}
sha=${2:?}

command_id=$(aws ssm send-command \
    --document-name AWS-RunShellScript \
    --targets "Key=tag:Role,Values=tally-node" \
    --parameters "commands=[\"/opt/tally/update.sh s3://$bucket/builds/$sha\"]" \
    --query Command.CommandId --output text)

host=$(aws ec2 describe-instances \
    --filters "Name=tag:Role,Values=tally-node" "Name=instance-state-name,Values=running" \
    --query 'Reservations[0].Instances[0].PublicDnsName' --output text)

aws ssm wait command-executed --command-id "$command_id" \
    --instance-id "$(aws ec2 describe-instances \
        --filters "Name=tag:Role,Values=tally-node" \
        --query 'Reservations[0].Instances[0].InstanceId' --output text)"
echo "host=$host" >> "$GITHUB_OUTPUT"
