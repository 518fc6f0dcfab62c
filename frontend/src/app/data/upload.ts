/** Sending files with what is seen of it: XMLHttpRequest, because fetch does not say how much is sent. */
import { Refusal } from "../../wire/http";
import type { DataSet } from "../../wire/types";

export interface Upload {
  done: Promise<DataSet>;
  cancel: () => void;
}

/** One file as it is, or several (a folder) as a form. `told`: share sent, from 0 to 1; at 1 the server reads. */
export function upload(files: readonly Named[], told: (share: number) => void): Upload {
  const request = new XMLHttpRequest();
  const [first] = files;
  const done = new Promise<DataSet>((resolve, reject) => {
    const address = files.length === 1 ? `/api/data?name=${encodeURIComponent(first?.path ?? "data")}` : "/api/data";
    request.open("POST", address);
    request.responseType = "json";
    request.upload.onprogress = ({ loaded, total }) => told(total ? loaded / total : 0);
    request.upload.onload = () => told(1);
    request.onload = () => {
      const answer = request.response as { detail?: unknown } | DataSet | null;
      if (request.status < 300) resolve(answer as DataSet);
      else {
        const detail = (answer as { detail?: unknown } | null)?.detail;
        reject(new Refusal(request.status, typeof detail === "string" ? detail : request.statusText));
      }
    };
    request.onerror = () => reject(new Refusal(0, ""));
    request.onabort = () => reject(new DOMException("cancelled", "AbortError"));
    if (files.length === 1 && first) {
      request.setRequestHeader("content-type", "application/octet-stream");
      request.send(first.file);
    } else {
      const form = new FormData();
      for (const { path, file } of files) form.append("file", file, path);
      request.send(form);
    }
  });
  return { done, cancel: () => request.abort() };
}

export interface Named {
  path: string;
  file: File;
}

/** Files of an input, with their path in the folder that was chosen. */
export const named = (files: Iterable<File>): Named[] =>
  [...files].map((file) => ({ path: file.webkitRelativePath || file.name, file }));

/** What was dropped, folders with all that is in them. */
export async function dropped(transfer: DataTransfer): Promise<Named[]> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter((entry) => entry != null);
  if (entries.length === 0) return named(transfer.files);
  const found = await Promise.all(entries.map((entry) => walk(entry)));
  return found.flat();
}

async function walk(entry: FileSystemEntry): Promise<Named[]> {
  const path = entry.fullPath.replace(/^\//, "");
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    return [{ path, file }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: Named[] = [];
  // A reader gives a hundred at a time, and nothing at the end.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return found;
    for (const each of some) found.push(...(await walk(each)));
  }
}
