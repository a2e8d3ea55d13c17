import { languageSnippets } from './languageSnippets';

const codeOf = (options: Partial<Parameters<typeof languageSnippets>[0]>) =>
  languageSnippets({
    baseUrl: 'http://localhost:7080/',
    model: 'assistant',
    tasks: ['chat', 'embeddings'],
    ...options,
  }).map(({ code }) => code);

describe('languageSnippets', () => {
  it('calls chat by the official clients, with the key from the environment', () => {
    const [curl, python, typescript] = codeOf({});
    expect(curl).toContain("curl 'http://localhost:7080/v1/chat/completions'");
    expect(curl).toContain('"model": "assistant"');
    expect(python).toContain('base_url="http://localhost:7080/v1"');
    expect(python).toContain('client.chat.completions.create(');
    expect(typescript).toContain('process.env.GREENROOM_KEY');
    expect(typescript).toContain('answer.choices[0].message.content');
  });

  it('names a version, and calls what the model does', () => {
    const [curl, python] = codeOf({ version: 2, tasks: ['embeddings'] });
    expect(curl).toContain('/v1/embeddings');
    expect(curl).toContain('"model": "assistant@2"');
    expect(python).toContain('input="Say hello in three languages."');
    expect(codeOf({ tasks: ['completions'] })[0]).toContain('/v1/completions');
  });
});
