// What the org of a connection has, as the server describes it: asked for once a page.

const answers = new Map();

async function described(path) {
  if (!answers.has(path)) {
    const asked = fetch(path, { headers: { accept: "application/json" } }).then(async (response) => {
      const isJson = (response.headers.get("content-type") || "").includes("json");
      const body = isJson ? await response.json() : {};
      if (!response.ok || !isJson) throw new Error(body.detail || "log in again");
      return body;
    });
    asked.catch(() => answers.delete(path));
    answers.set(path, asked);
  }
  return answers.get(path);
}

/** The result of `list-objects`. */
export const objectsOf = (connection) => described("/console/playground/objects?" + new URLSearchParams({ connection }));

/** The result of `describe-object`. */
export const fieldsOf = (connection, object) =>
  described("/console/playground/fields?" + new URLSearchParams({ connection, object }));

/** Whether a text can be the API name of an object or a field. */
export const isName = (text) => /^[A-Za-z]\w{0,254}$/.test(text);
