// The page's calls to the ABIs my-gallery, upload-gallery-and-store and delete-gallery-files. Knows no element.

/** A refusal, in the words of the answer. */
export class Refusal extends Error {
  constructor(status, answer) {
    super(answer?.message ?? `The server answered ${status}.`);
    this.status = status;
  }
}

export async function listPictures(token) {
  return (await call("/my-gallery", token, {})) ?? [];
}

/** True when the picture is gone, also when it was gone before. */
export async function deletePicture(token, storageKey) {
  const [item] = await call("/delete-gallery-files", token, [storageKey]);
  return item.status === "deleted";
}

/** `fetch` cannot tell how much of a body has been sent: this can. `onProgress` takes a share from 0 to 1. */
export function uploadPictures(token, files, onProgress) {
  const form = new FormData();
  for (const file of files) form.append("file", file);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", "/upload-gallery-and-store");
    request.setRequestHeader("x-access-token", token);
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => onProgress(event.loaded / event.total));
    request.addEventListener("error", () => reject(new Error("The connection was lost. Nothing was stored.")));
    request.addEventListener("load", () => {
      if (request.status === 200) resolve(request.response.data);
      else reject(new Refusal(request.status, request.response));
    });
    request.send(form);
  });
}

async function call(path, token, payload) {
  const response = await fetch(path, {
    method: "POST",
    headers: { "x-access-token": token, "content-type": "application/json" },
    body: JSON.stringify(payload),
  });
  const answer = await response.json().catch(() => null);
  if (!response.ok) throw new Refusal(response.status, answer);
  return answer.data;
}
