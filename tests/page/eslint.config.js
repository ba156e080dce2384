// ESLint is started in the root of the checkout: paths count from there.
import js from "@eslint/js";
import globals from "globals";

const rules = {
  ...js.configs.recommended.rules,
  "array-callback-return": "error",
  eqeqeq: "error",
  "no-else-return": "error",
  "no-implicit-coercion": "error",
  "no-param-reassign": "error",
  "no-shadow": "error",
  "no-unneeded-ternary": "error",
  "no-var": "error",
  "object-shorthand": "error",
  "prefer-const": "error",
  "prefer-template": "error",
};

export default [
  { files: ["src/pellucid/playground/page/*.js"], languageOptions: { globals: globals.browser }, rules },
  { files: ["tests/page/*.js"], languageOptions: { globals: globals.nodeBuiltin }, rules },
];
