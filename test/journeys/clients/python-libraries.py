"""
A library of Python, for as long as standard input is open: each line there is a call as JSON, and is answered by a line
of JSON with the call's number. Calls run side by side.
"""

import asyncio
import importlib
import json
import os
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor


def requests_upload(call, name, file):
    import requests

    files = {"file": (name, file, call["type"])}
    answer = requests.post(call["url"], headers=call["headers"], files=files)
    return {"status": answer.status_code, "body": answer.json()}


def requests_download(call, target):
    import requests

    with requests.request(call["method"], call["url"], headers=call["headers"], stream=True) as answer:
        for chunk in answer.iter_content(65536):
            target.write(chunk)
        return {"status": answer.status_code, "headers": dict(answer.headers)}


def httpx_upload(call, name, file):
    import httpx

    files = {"file": (name, file, call["type"])}
    answer = httpx.post(call["url"], headers=call["headers"], files=files, timeout=60)
    return {"status": answer.status_code, "body": answer.json()}


def httpx_download(call, target):
    import httpx

    with httpx.stream(call["method"], call["url"], headers=call["headers"], timeout=60) as answer:
        for chunk in answer.iter_bytes():
            target.write(chunk)
        return {"status": answer.status_code, "headers": dict(answer.headers)}


def aiohttp_upload(call, name, file):
    import aiohttp

    async def upload():
        form = aiohttp.FormData()
        form.add_field("file", file, filename=name, content_type=call["type"])
        async with aiohttp.ClientSession(headers=call["headers"]) as session:
            async with session.post(call["url"], data=form) as answer:
                return {"status": answer.status, "body": await answer.json()}

    return asyncio.run(upload())


def aiohttp_download(call, target):
    import aiohttp

    async def download():
        async with aiohttp.ClientSession(headers=call["headers"]) as session:
            async with session.request(call["method"], call["url"]) as answer:
                async for chunk in answer.content.iter_chunked(65536):
                    target.write(chunk)
                return {"status": answer.status, "headers": dict(answer.headers)}

    return asyncio.run(download())


def carry_out(library, operation, call):
    if operation == "version":
        return importlib.import_module(library).__version__
    work = globals()[f"{library}_{operation}"]
    if operation == "download":
        with open(call["target"], "wb") as target:
            return work(call, target)
    with open(call["path"], "rb") as file:
        return work(call, os.path.basename(call["path"]), file)


def answer(library, line):
    number, operation, call = json.loads(line)
    try:
        said = [number, carry_out(library, operation, call), None]
    except Exception:
        said = [number, None, traceback.format_exc()]
    # One write, so that lines of two threads do not mix.
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


with ThreadPoolExecutor(8) as pool:
    for line in sys.stdin:
        pool.submit(answer, sys.argv[1], line)
