import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import App from './App';

describe('App', () => {
  const env = process.env;

  beforeEach(() => {
    localStorage.clear();
    process.env = {
      NODE_ENV: 'test',
      // The app reads its configuration from here, as an array of objects.
      APP_CONFIG: [
        {
          context: 'test',
          data: {
            app: { title: 'Greenroom' },
            backend: { baseUrl: 'http://localhost:7007' },
            greenroom: {
              signIn: ['guest'],
              demoUsers: [
                { name: 'ada', title: 'Ada Lovelace', role: 'author' },
                { name: 'grace', title: 'Grace Hopper', role: 'reviewer' },
              ],
            },
          },
        },
      ] as unknown as string,
    };
  });

  afterEach(() => {
    process.env = env;
    jest.restoreAllMocks();
  });

  it('asks who signs in, and says so when the backend refuses', async () => {
    const fetchSpy = jest.spyOn(global, 'fetch').mockResolvedValue(
      new Response(
        JSON.stringify({
          error: { name: 'NotAllowedError', message: 'Not on this machine' },
        }),
        { status: 403, headers: { 'Content-Type': 'application/json' } },
      ),
    );
    render(App.createRoot());

    expect(
      await screen.findByRole('button', { name: /Grace Hopper/ }),
    ).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: /Ada Lovelace/ }));

    expect(await screen.findByRole('alert')).toHaveTextContent(
      /Ada Lovelace could not be signed in/,
    );
    const [url, init] = fetchSpy.mock.calls[0];
    expect(url).toBe('http://localhost:7007/api/auth/guest/refresh');
    expect(new Headers(init?.headers).get('x-greenroom-user')).toBe('ada');
    await userEvent.click(screen.getByRole('button', { name: 'Choose again' }));
    expect(
      await screen.findByRole('button', { name: /Grace Hopper/ }),
    ).toBeVisible();
  });
});
