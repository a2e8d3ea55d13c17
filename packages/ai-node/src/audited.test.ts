import { mockServices } from '@backstage/backend-test-utils';
import { audited } from './audited';

function setup() {
  const event = { success: jest.fn(), fail: jest.fn() };
  const auditor = mockServices.auditor.mock({
    createEvent: jest.fn(async () => event),
  });
  return { event, auditor };
}

describe('audited', () => {
  it('records a success and gives the result back', async () => {
    const { event, auditor } = setup();
    const result = await audited(
      auditor,
      { eventId: 'book-lend', meta: { book: 'Emma' } },
      async () => 42,
    );
    expect(result).toBe(42);
    expect(auditor.createEvent).toHaveBeenCalledWith({
      eventId: 'book-lend',
      severityLevel: 'medium',
      meta: { book: 'Emma' },
      request: undefined,
    });
    expect(event.success).toHaveBeenCalledTimes(1);
    expect(event.fail).not.toHaveBeenCalled();
  });

  it('records a failure and throws it on', async () => {
    const { event, auditor } = setup();
    const error = new Error('lent out');
    await expect(
      audited(auditor, { eventId: 'book-lend' }, async () => {
        throw error;
      }),
    ).rejects.toBe(error);
    expect(event.fail).toHaveBeenCalledWith({ error });
    expect(event.success).not.toHaveBeenCalled();
  });

  it('throws the error of the call even when the auditor fails', async () => {
    const { event, auditor } = setup();
    event.fail.mockRejectedValue(new Error('no socket'));
    await expect(
      audited(auditor, { eventId: 'book-lend' }, async () => {
        throw new Error('lent out');
      }),
    ).rejects.toThrow('lent out');
  });
});
