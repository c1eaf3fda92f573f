"""An AWS account on loopback, with a CloudFormation that builds the stack; README.md says what is where."""
