// Drives the official Node client of Pipedrive against a sandbox and prints what it saw as JSON.
// Usage: node official_client.cjs <folder of node_modules> <URL of the sandbox's Pipedrive>
const path = require("node:path");
const { createRequire } = require("node:module");

const [modules, url] = process.argv.slice(2);
const load = createRequire(path.join(path.resolve(modules), "here.js"));
const v1 = load("pipedrive/v1");
const v2 = load("pipedrive/v2");
const access = { apiKey: "sandbox-token" };
const two = new v2.Configuration({ ...access, basePath: `${url}/api/v2` });
const one = new v1.Configuration({ ...access, basePath: `${url}/v1` });

async function walk(list) {
  const ids = [];
  let cursor;
  do {
    const page = await list({ limit: 25, cursor });
    ids.push(...page.data.map((row) => row.id));
    cursor = page.additional_data.next_cursor;
  } while (cursor);
  return ids;
}

async function main() {
  const persons = new v2.PersonsApi(two);
  const organizations = new v2.OrganizationsApi(two);
  const activities = new v2.ActivitiesApi(two);
  const seen = {};
  seen.me = (await new v1.UsersApi(one).getCurrentUser()).data.email;
  seen.walked = (await walk((query) => persons.getPersons(query))).length;
  const organization = await organizations.addOrganization({
    AddOrganizationRequest: { name: "Node Works" },
  });
  const made = await persons.addPerson({
    AddPersonRequest: {
      name: "Nora Node",
      org_id: organization.data.id,
      emails: [{ value: "nora@example.com", primary: true, label: "work" }],
    },
  });
  const id = made.data.id;
  await persons.updatePerson({ id, UpdatePersonRequest: { name: "Nora Notch" } });
  seen.updated = (await persons.getPerson({ id })).data.name;
  const found = await persons.searchPersons({
    term: "nora@example.com",
    fields: "email",
    exact_match: true,
  });
  seen.found = found.data.items.map((hit) => hit.item.id === id);
  const activity = await activities.addActivity({
    AddActivityRequest: { subject: "Call", type: "call", participants: [{ person_id: id, primary: true }] },
  });
  seen.linked = activity.data.person_id === id;
  const note = await new v1.NotesApi(one).addNote({
    AddNoteRequest: { content: "Hello", person_id: id },
  });
  seen.note = note.data.person.name;
  const fields = await new v2.PersonFieldsApi(two).getPersonFields({ limit: 500 });
  seen.custom = fields.data.filter((field) => field.is_custom_field).length;
  await persons.deletePerson({ id });
  seen.deleted = (await persons.getPerson({ id })).data.is_deleted;
  seen.errors = [];
  const wrong = [
    () => persons.getPerson({ id: 999999 }),
    () => persons.addPerson({ AddPersonRequest: {} }),
    () => new v2.PersonsApi(new v2.Configuration({ apiKey: "no", basePath: two.basePath })).getPersons(),
  ];
  for (const call of wrong) {
    try {
      await call();
      seen.errors.push(200);
    } catch (error) {
      // The client throws the body of the answer.
      seen.errors.push(error.error || String(error));
    }
  }
  console.log(JSON.stringify(seen));
}

main().catch((error) => {
  console.error(error.response ? JSON.stringify(error.response.data) : error);
  process.exit(1);
});
