const preset = require('../../jest.preset.cjs')(__dirname);

// The router's runtime loads its planner by import(); only transformed code can do that in jest.
preset.projects = preset.projects.map((project) => ({
  ...project,
  transformIgnorePatterns: project.transformIgnorePatterns.map((pattern) =>
    pattern.replace('(?!(', '(?!(@graphql-hive/router-runtime|'),
  ),
}));
module.exports = preset;
