// Carries out calls of the official Node client, one JSON line in, one JSON line out.
// The client is loaded as it was published; only the address is given from outside.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const [folder, address] = process.argv.slice(2);
const load = createRequire(`${folder}/package.json`);
const versions = {
  v1: { client: load("pipedrive/v1"), base: `${address}/v1` },
  v2: { client: load("pipedrive/v2"), base: `${address}/api/v2` },
};
let app = null;

function configuration({ client, base }, token) {
  const access = app ? { accessToken: app.getAccessToken } : { apiKey: token };
  return new client.Configuration({ ...access, basePath: base });
}

function upload(values) {
  const { file, ...others } = values ?? {};
  return file ? { ...others, file: new File([file.content], file.name) } : values;
}

const actions = {
  call: async ({ version, api, method, values, token }) => {
    const door = new versions[version].client[api](configuration(versions[version], token));
    return door[method](upload(values));
  },
  install: async ({ settings }) => {
    app = new versions.v2.client.OAuth2Configuration({ ...settings, host: address });
    return { page: app.authorizationUrl };
  },
  oauth: async ({ method, argument }) => app[method](argument),
  forget: async () => {
    app = null;
    return {};
  },
  expire: async () => {
    app.expiresAt = 1;
    return {};
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { action, ...request } = JSON.parse(line);
  const answer = await actions[action](request).then(
    (result) => ({ result }),
    (error) => ({ error: error instanceof Error ? { thrown: String(error) } : error }),
  );
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
