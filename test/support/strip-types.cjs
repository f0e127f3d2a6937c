const { createHash } = require("node:crypto");
const { stripTypeScriptTypes } = require("node:module");

// Node's own stripper keeps lines and columns, so a stack needs no source map.
module.exports = {
  process: (source) => ({ code: stripTypeScriptTypes(source, { mode: "strip" }) }),
  getCacheKey: (source, path) => createHash("sha256").update(source).update(path).update(process.version).digest("hex"),
};
