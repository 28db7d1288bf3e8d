"""One invocation by boto3: python invoke.py FUNCTION PAYLOAD"""
import sys

import boto3

answer = boto3.client("lambda").invoke(FunctionName=sys.argv[1], Payload=sys.argv[2])
sys.stdout.write(answer["Payload"].read().decode())
