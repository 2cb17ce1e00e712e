#!/usr/bin/env bash
# Once, by a person: the bucket for builds and the role of the deploy job.
set -euo pipefail

BUCKET=abacus-tally-builds
REGION=us-east-2
ROLE=tally-deploy
ACCOUNT=$(aws sts get-caller-identity --query Account --output text)

aws s3api create-bucket --bucket "$BUCKET" --region "$REGION" \
    --create-bucket-configuration "LocationConstraint=$REGION"
aws iam create-role --role-name "$ROLE" --assume-role-policy-document file://policies/trust.json
aws iam put-role-policy --role-name "$ROLE" --policy-name deploy --policy-document file://policies/deploy.json
gh secret set DEPLOY_ROLE --body "arn:aws:iam::$ACCOUNT:role/$ROLE"
gh variable set AWS_REGION --body "$REGION"
