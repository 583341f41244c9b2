// The API by the types that openapi-typescript made of its description (`api.d.ts`, beside the copy of this file that is compiled).
import createClient from 'openapi-fetch';
import type { components, paths } from './api.js';

declare const process: { env: Record<string, string> };
const { API, TOKEN, TENANT } = process.env;
const client = createClient<paths>({ baseUrl: API, headers: { authorization: `Bearer ${TOKEN}` } });
const path = { tenantId: TENANT };

const listed = await client.GET('/v2/tenants/{tenantId}/patients', { params: { path, query: { limit: 2 } } });
if (!listed.data) throw new Error(listed.error.message);
const first: components['schemas']['Patient'] = listed.data.items[0];
const read = await client.GET('/v2/tenants/{tenantId}/patients/{patientId}', { params: { path: { ...path, patientId: first.id } } });
const added = await client.POST('/v2/tenants/{tenantId}/patients', {
  params: { path }, body: { firstName: '', lastName: 'Neri' },
});
console.log(JSON.stringify({
  listed: listed.data.items.length, read: read.data?.id === first.id, refused: added.response.status,
  fields: added.error?.fields?.map((fault) => fault.field),
}));
