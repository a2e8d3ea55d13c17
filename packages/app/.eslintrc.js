module.exports = require('@backstage/cli/config/eslint-factory')(__dirname, {
  rules: {
    // A region that scrolls has to be reachable by keyboard.
    'jsx-a11y/no-noninteractive-tabindex': [
      'error',
      { roles: ['tabpanel', 'region'] },
    ],
  },
});
