/**
 * Bundle every lab (`scenes/*.js`) into one file each, engines' worker included, for the folder `static/`
 * beside this one or the one named on the command line. Same sources, same bytes.
 */

import * as esbuild from "esbuild";
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2] ?? join(here, "..", "static");
const common = /** @type {const} */ ({ bundle: true, minify: true, charset: "utf8", target: "es2022", logLevel: "warning", legalComments: "none", absWorkingDir: here });

/** `import text from "worker:flow,limit"`: the text of a worker that serves engines/flow.js and engines/limit.js. */
const workers = {
  name: "workers",
  /** @param {esbuild.PluginBuild} build */
  setup(build) {
    build.onResolve({ filter: /^worker:/ }, ({ path }) => ({ path: path.slice(7), namespace: "worker" }));
    build.onLoad({ filter: /.*/, namespace: "worker" }, async ({ path }) => {
      const names = path.split(",");
      const lines = names.map((name) => `import * as ${name} from "./engines/${name}.js";`);
      const contents = `${lines.join("\n")}\nimport { serve } from "./shell/worker.js";\nserve({ ${names.join(", ")} }, self);`;
      const result = await esbuild.build({ ...common, stdin: { contents, resolveDir: here }, format: "iife", write: false });
      return { contents: result.outputFiles[0].text.trim(), loader: "text" };
    });
  },
};

/** Style sheets as text, without comments and needless blanks. */
const styles = {
  name: "styles",
  /** @param {esbuild.PluginBuild} build */
  setup(build) {
    build.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await esbuild.transform(readFileSync(path, "utf8"), { loader: "css", minify: true });
      return { contents: code.trim(), loader: "text" };
    });
  },
};

const scenes = readdirSync(join(here, "scenes")).filter((name) => name.endsWith(".js"));
for (const scene of scenes)
  await esbuild.build({ ...common, entryPoints: [join("scenes", scene)], outfile: join(out, scene), format: "esm", plugins: [workers, styles] });
