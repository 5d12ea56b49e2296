/** The objects of resumable uploads, as the deployment binds them. */
import { resumableUploadClass, resumableUploadsBinding } from "../../contract/bindings.ts";
import { misconfigured } from "../../contract/problem.ts";
import type { EngineEnvironment } from "../database/engine.ts";
import type { CallName } from "../idempotency/keys.ts";
import type { UploadActor } from "./actor.ts";
import { sendPiece } from "./piece.ts";
import type { ResumableUpload } from "./object/resumable-upload.ts";

type Objects = DurableObjectNamespace<ResumableUpload>;

/** What a stub does is what its class does, but for the bytes. */
function actorOf(stub: DurableObjectStub<ResumableUpload>): UploadActor {
  const calls = stub as unknown as Omit<UploadActor, "append">;
  return {
    create: (creation, length) => calls.create(creation, length),
    show: (asker) => calls.show(asker),
    append: (append, body) => sendPiece(stub, append, body),
    progress: (asker) => calls.progress(asker),
    assemble: (asker) => calls.assemble(asker),
    keepAnswer: (answer) => calls.keepAnswer(answer),
    end: (asker) => calls.end(asker),
  };
}

/** Near whoever asks first. @param name of the creation, which leads to one object again and again; null: another one each time @throws Problem `misconfigured` */
export function openUpload(
  deployment: Pick<EngineEnvironment, "binding">,
  name: CallName | null,
): { upload: UploadActor; id: string } {
  const objects = openObjects(deployment);
  const id =
    name === null ? objects.newUniqueId() : objects.idFromName(JSON.stringify([name.scope, name.owner, name.key]));
  return { upload: actorOf(objects.get(id)), id: id.toString() };
}

function openObjects({ binding }: Pick<EngineEnvironment, "binding">): Objects {
  const objects = binding(resumableUploadsBinding) as Objects | undefined;
  // Whatever else may have that name.
  if (typeof objects?.newUniqueId === "function") return objects;
  throw misconfigured(
    `${resumableUploadsBinding} is not bound to the class ${resumableUploadClass}: run "sluice build"`,
  );
}

/** Null: the text is no id of such an object, so nobody is asked. */
export function findUpload(deployment: Pick<EngineEnvironment, "binding">, id: string): UploadActor | null {
  const objects = openObjects(deployment);
  try {
    return actorOf(objects.get(objects.idFromString(id)));
  } catch {
    return null;
  }
}
