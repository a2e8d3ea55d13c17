import {
  beginTurn,
  changeAnswer,
  isRunning,
  messagesFor,
  takePiece,
  type Answer,
  type Turn,
} from './conversation';

const waiting: Answer = {
  asked: undefined,
  text: '',
  reasoning: '',
  state: { kind: 'waiting' },
};

const say = (turns: Turn[], asked: number | undefined, text: string) =>
  changeAnswer(turns, asked, () => ({ text, state: { kind: 'done' } }));

describe('a conversation', () => {
  it('asks all versions, and runs until each has ended', () => {
    let turns = beginTurn([], 'Hello', [1, 2]);
    expect(isRunning(turns[0])).toBe(true);
    turns = say(turns, 1, 'Hi');
    expect(isRunning(turns[0])).toBe(true);
    turns = say(turns, 2, 'Good day');
    expect(isRunning(turns[0])).toBe(false);
    expect(turns[0].answers.map(({ text }) => text)).toEqual([
      'Hi',
      'Good day',
    ]);
  });

  it('tells each version what it has said itself, and nothing of the others', () => {
    let turns = beginTurn([], 'Hello', [1, 2]);
    turns = say(say(turns, 1, 'Hi'), 2, 'Good day');
    turns = say(beginTurn(turns, 'And you?', [1]), 1, 'Fine');
    turns = beginTurn(turns, 'Why?', [1, 2]);
    expect(messagesFor(turns, 1)).toEqual([
      { role: 'user', content: 'Hello' },
      { role: 'assistant', content: 'Hi' },
      { role: 'user', content: 'And you?' },
      { role: 'assistant', content: 'Fine' },
      { role: 'user', content: 'Why?' },
    ]);
    expect(messagesFor(turns, 2)).toEqual([
      { role: 'user', content: 'Hello' },
      { role: 'assistant', content: 'Good day' },
      { role: 'user', content: 'Why?' },
    ]);
  });

  it('leaves out a question that got no answer', () => {
    let turns = beginTurn([], 'Hello', [undefined]);
    turns = changeAnswer(turns, undefined, () => ({
      state: { kind: 'failed', error: new Error('away') },
    }));
    turns = beginTurn(turns, 'Hello?', [undefined]);
    expect(messagesFor(turns, undefined)).toEqual([
      { role: 'user', content: 'Hello?' },
    ]);
  });

  it('knows when the first word came', () => {
    const thought = takePiece(waiting, { kind: 'reasoning', text: 'Hm' }, 40);
    expect(thought).toEqual({
      reasoning: 'Hm',
      firstMillis: 40,
      state: { kind: 'talking' },
    });
    const said = takePiece(
      { ...waiting, ...thought },
      { kind: 'text', text: 'Hi' },
      90,
    );
    expect(said).toMatchObject({ text: 'Hi', firstMillis: 40 });
  });
});
