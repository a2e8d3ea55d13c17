module.exports = require('@backstage/cli/config/eslint-factory')(__dirname, {
  rules: {
    // A dialog moves the focus anyway; its first field is the best place for it.
    'jsx-a11y/no-autofocus': ['error', { ignoreNonDOM: true }],
    // A region that scrolls has to be reachable by keyboard.
    'jsx-a11y/no-noninteractive-tabindex': [
      'error',
      { roles: ['tabpanel', 'region'] },
    ],
  },
});
