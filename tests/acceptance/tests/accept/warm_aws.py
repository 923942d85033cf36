# The AWS CLI without its start, which takes most of the time of a call. It loads the CLI once and forks for each call: the
# same code, with the arguments, the environment and the open files of the caller.
#
# Usage: warm_aws.py FOLDER   puts a program `aws` into the folder, prints a line when it listens, and ends when the standard
#                             input closes
import json
import os
import signal
import socket
import sys
import threading

import awscli.clidriver

CALLER = """#!{python} -SE
import json, os, socket, sys
server = socket.socket(socket.AF_UNIX)
server.connect({path!r})
call = {{"arguments": sys.argv[1:], "environment": dict(os.environ), "folder": os.getcwd()}}
socket.send_fds(server, [json.dumps(call).encode()], [0, 1, 2])
code = server.recv(1)
sys.exit(code[0] if code else 255)
"""
SERVICES = ["cloudformation", "cloudwatch", "datazone", "events", "iam", "logs", "personalize", "stepfunctions", "sts"]


def answer(driver, connection):
    message, files, _, _ = socket.recv_fds(connection, 1 << 20, 3)
    call = json.loads(message)
    os.environ.clear()
    os.environ.update(call["environment"])
    os.chdir(call["folder"])
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    code = driver.main(call["arguments"])
    sys.stdout.flush()
    sys.stderr.flush()
    connection.send(bytes([code]))


def main():
    folder = sys.argv[1]
    driver = awscli.clidriver.create_clidriver()
    for service in SERVICES:
        driver.session.get_service_model(service)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(os.path.join(folder, "socket"))
    listener.listen(64)
    program = os.path.join(folder, "aws")
    with open(program, "w") as file:
        file.write(CALLER.format(python=sys.executable, path=os.path.join(folder, "socket")))
    os.chmod(program, 0o755)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    print("listening", flush=True)
    while True:
        connection, _ = listener.accept()
        if os.fork() == 0:
            try:
                answer(driver, connection)
            finally:
                os._exit(0)
        connection.close()


main()
