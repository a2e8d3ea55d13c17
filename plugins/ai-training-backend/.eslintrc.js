module.exports = require('@backstage/cli/config/eslint-factory')(__dirname, {
  overrides: [
    {
      // A conformance suite is exported to the tests of the adapters.
      files: ['**/*Conformance.ts'],
      rules: { 'jest/no-export': 'off' },
    },
  ],
});
