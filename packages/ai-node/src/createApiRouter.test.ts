import { mockErrorHandler } from '@backstage/backend-test-utils';
import { resolvePackagePath } from '@backstage/backend-plugin-api';
import express from 'express';
import { mkdtemp, mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import request from 'supertest';
import { createApiRouter } from './createApiRouter';

jest.mock('@backstage/backend-plugin-api', () => ({
  ...jest.requireActual('@backstage/backend-plugin-api'),
  resolvePackagePath: jest.fn(),
}));

const DOCUMENT = `
openapi: 3.1.0
info: { title: Shelf, version: '1' }
paths:
  /books:
    get:
      parameters:
        - { name: search, in: query, schema: { type: string, maxLength: 20 } }
        - $ref: '#/components/parameters/owner'
        - { name: limit, in: query, schema: { type: integer, minimum: 1 } }
        - { name: tags, in: query, schema: { type: array, items: { type: string } } }
      responses: { '200': { description: ok } }
    post:
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              additionalProperties: false
              required: [title]
              properties:
                title: { type: string, minLength: 1 }
                author:
                  type: object
                  additionalProperties: false
                  properties: { name: { type: string } }
      responses: { '201': { description: made } }
  /books/{book}/lend:
    parameters:
      - { name: book, in: path, required: true, schema: { type: string } }
    post:
      responses: { '200': { description: lent } }
    delete:
      responses: { '204': { description: back } }
  /shelves:
    post:
      requestBody:
        required: true
        content:
          application/json:
            schema: { type: array, items: { type: integer } }
      responses: { '201': { description: made } }
  /pages:
    post:
      requestBody:
        required: true
        content: { application/octet-stream: { schema: { type: string, format: binary } } }
      responses: { '201': { description: made } }
components:
  parameters:
    owner: { name: owner, in: query, schema: { type: string } }
`;

async function startApp(limits: { jsonLimitBytes: number }) {
  const folder = await mkdtemp(join(tmpdir(), 'api-router-'));
  await mkdir(join(folder, 'src'));
  await writeFile(join(folder, 'src', 'openapi.yaml'), DOCUMENT);
  jest
    .mocked(resolvePackagePath)
    .mockImplementation((_name, ...parts) => join(folder, ...parts));
  const router = await createApiRouter({
    packageName: 'shelf',
    ...limits,
    rawPaths: ['/pages'],
  });
  router.get('/books', (req, res) => {
    res.json(req.query);
  });
  router.post('/books', (req, res) => {
    res.status(201).json(req.body);
  });
  router.post('/books/:book/lend', (_req, res) => {
    res.json({});
  });
  router.delete('/books/:book/lend', (_req, res) => {
    res.status(204).end();
  });
  router.post('/unmentioned', (req, res) => {
    res.json(req.body);
  });
  router.post('/pages', async (req, res) => {
    let bytes = 0;
    for await (const chunk of req) bytes += chunk.length;
    res.status(201).json({ bytes });
  });
  return express().use('/api/shelf', router).use(mockErrorHandler());
}

describe('createApiRouter', () => {
  let app: express.Express;
  beforeAll(async () => {
    app = await startApp({ jsonLimitBytes: 100 });
  });

  it('hands query parameters over in the types of the document', async () => {
    const { body } = await request(app).get('/api/shelf/books?limit=3&tags=a');
    expect(body).toEqual({ limit: 3, tags: ['a'] });
  });

  it.each([
    ['/books?limit=0', 'limit'],
    ['/books?colour=red', 'colour'],
  ])('refuses %s and names the parameter', async (url, name) => {
    const { status, body } = await request(app).get(`/api/shelf${url}`);
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ name: 'InputError' });
    expect(body.error.message).toContain(name);
  });

  it.each([
    [{ title: '' }, 'title'],
    [{ title: 'Emma', pages: 3 }, 'pages'],
  ])('refuses the body %j and names the field', async (sent, name) => {
    const { status, body } = await request(app)
      .post('/api/shelf/books')
      .send(sent);
    expect(status).toBe(400);
    expect(body.error.message).toContain(name);
  });

  it.each([
    ['search=two+words', { search: 'two words' }],
    ['search=two%20words', { search: 'two words' }],
    ['search=a%2Bb', { search: 'a+b' }],
    ['owner=group:default/risk', { owner: 'group:default/risk' }],
    ['owner=group%3Adefault%2Frisk', { owner: 'group:default/risk' }],
    ["search=(it's)!*$;@,", { search: "(it's)!*$;@," }],
    ['search=a=b?c', { search: 'a=b?c' }],
    ['tags=a:b&tags=c/d', { tags: ['a:b', 'c/d'] }],
  ])('takes the query %s as clients write it', async (query, expected) => {
    const response = await request(app).get(`/api/shelf/books?${query}`);
    expect([response.status, response.body]).toEqual([200, expected]);
  });

  it('names all that is wrong at once, unknown fields by their names', async () => {
    const { body } = await request(app)
      .post('/api/shelf/books')
      .send({ author: { name: 3, age: 7 }, pages: 3 });
    expect(body.error.message.split('; ').sort()).toEqual([
      'body/author/name must be string',
      "body/author: unknown field 'age'",
      "body/title must have required property 'title'",
      "body: unknown field 'pages'",
    ]);
  });

  it('names the first ten things that are wrong, and counts the others', async () => {
    const fields = [...'abcdefghijk'].map(name => [name, 1]);
    const { body } = await request(app)
      .post('/api/shelf/books')
      .send(Object.fromEntries(fields));
    expect(body.error.message.split('; ')).toHaveLength(11);
    expect(body.error.message).toMatch(/; and 2 more$/);
  });

  it('says what is wrong with a body that is not JSON', async () => {
    const { status, body } = await request(app)
      .post('/api/shelf/books')
      .set('Content-Type', 'application/json')
      .send('{"title":');
    expect(status).toBe(400);
    expect(body.error.message).toContain('not valid JSON');
  });

  it('refuses zero characters in bodies and URLs, and nothing that only looks like one', async () => {
    const post = (body: string) =>
      request(app)
        .post('/api/shelf/books')
        .set('Content-Type', 'application/json')
        .send(body);
    const refused = await post(String.raw`{"title":"a\u0000b"}`);
    expect(refused.status).toBe(400);
    expect(refused.body.error.message).toContain('zero character');
    const taken = await post(String.raw`{"title":"a\\u0000b"}`);
    expect(taken.body).toEqual({ title: String.raw`a\u0000b` });
    const url = await request(app).get('/api/shelf/books?tags=a%00b');
    expect(url.status).toBe(400);
  });

  it('refuses halves of characters in bodies, and bodies that are not UTF-8', async () => {
    const post = (body: string, type = 'application/json') =>
      request(app)
        .post('/api/shelf/books')
        .set('Content-Type', type)
        .send(body);
    const half = await post(String.raw`{"title":"a\ud800"}`);
    expect(half.status).toBe(400);
    expect(half.body.error.message).toContain('half of a character');
    const whole = await post(String.raw`{"title":"\ud83d\ude00"}`);
    expect(whole.body).toEqual({ title: '😀' });
    const other = await post('{}', 'application/json; charset=utf-16le');
    expect(other.status).toBe(400);
    expect(other.body.error.message).toContain('UTF-8');
  });

  it('refuses fields of a body where the document has none', async () => {
    const lend = () => request(app).post('/api/shelf/books/emma/lend');
    const refused = await lend().send({ to: 'ada' });
    expect([refused.status, refused.body.error.message]).toEqual([
      400,
      "body: unknown field 'to': expected none",
    ]);
    expect((await lend().send([1])).status).toBe(400);
    expect((await lend().send({})).status).toBe(200);
    expect((await lend()).status).toBe(200);
    const back = request(app).delete('/api/shelf/books/emma/lend');
    expect((await back.send({ by: 'ada' })).status).toBe(400);
    const unmentioned = request(app).post('/api/shelf/unmentioned');
    expect((await unmentioned.send({ a: 1 })).body).toEqual({ a: 1 });
  });

  it('refuses a body above the limit with 413 and names the limit', async () => {
    const { status, body } = await request(app)
      .post('/api/shelf/books')
      .send({ title: 'x'.repeat(200) });
    expect(status).toBe(413);
    expect(body.error.message).toBe('The body may have at most 100 bytes');
  });

  it('leaves raw paths as streams whatever they call themselves', async () => {
    for (const type of ['application/json', 'application/octet-stream', '']) {
      const { body } = await request(app)
        .post('/api/shelf/pages')
        .set('Content-Type', type)
        .send('x'.repeat(5000));
      expect(body).toEqual({ bytes: 5000 });
    }
  });

  it('serves the document with the address that it was asked at', async () => {
    const { body } = await request(app).get('/api/shelf/openapi.json');
    expect(body.info.title).toBe('Shelf');
    expect(body.servers).toEqual([{ url: '/api/shelf' }]);
  });
});

describe('a body that is costly for its size', () => {
  const MEBIBYTE = 1024 * 1024;
  let app: express.Express;
  beforeAll(async () => {
    app = await startApp({ jsonLimitBytes: 64 * MEBIBYTE });
  });
  const post = (body: string) =>
    request(app)
      .post('/api/shelf/shelves')
      .set('Content-Type', 'application/json')
      .send(body);

  it('is refused with 413 before it is parsed', async () => {
    const body = `[${'[],'.repeat(20 * MEBIBYTE)}[]]`;
    const before = process.memoryUsage().heapUsed;
    const answer = await post(body);
    expect(answer.status).toBe(413);
    expect(answer.body.error.message).toBe(
      'The body may have at most 2097152 arrays and objects',
    );
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(
      100 * MEBIBYTE,
    );
  });

  it('is refused when it is nested too deep, whatever its strings hold', async () => {
    const deep = await post('['.repeat(65) + ']'.repeat(65));
    expect(deep.status).toBe(400);
    expect(deep.body.error.message).toContain('at most 64 levels');
    const quoted = JSON.stringify(['"\\['.repeat(100)]);
    expect((await post(quoted)).body.error.message).toMatch(/must be integer/);
  });

  it('has only its first mistake named when it is large', async () => {
    const many = JSON.stringify(new Array<string>(300_000).fill(''));
    const { status, body } = await post(many);
    expect(status).toBe(400);
    expect(body.error.message).toBe('body/0 must be integer');
  });
});
