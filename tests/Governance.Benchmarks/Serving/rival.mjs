// The rival outside .NET: Node's http server with onnxruntime-node. node rival.mjs MODULES MODEL PORT
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const [modules, model, port] = process.argv.slice(2);
const ort = createRequire(modules + "/")("onnxruntime-node");
const session = await ort.InferenceSession.create(readFileSync(model), { intraOpNumThreads: 1, interOpNumThreads: 1 });
const [input] = session.inputNames;
const output = session.outputNames.at(-1);

createServer((request, response) => {
  const parts = [];
  request.on("data", part => parts.push(part));
  request.on("end", async () => {
    const tensor = JSON.parse(Buffer.concat(parts)).inputs[0];
    const answer = await session.run({ [input]: new ort.Tensor("float32", Float32Array.from(tensor.data), tensor.shape) });
    const { data, dims } = answer[output];
    const width = dims.length > 1 ? dims[1] : 1;
    const scores = Array.from({ length: tensor.shape[0] }, (_, i) => data[i * width + width - 1]);
    const body = JSON.stringify({
      model_name: "credit", model_version: "1", outputs: [
        { name: "score", shape: [scores.length], datatype: "FP64", data: scores },
        { name: "decision", shape: [scores.length], datatype: "BYTES", data: scores.map(s => s >= 0.5 ? "adverse" : "favourable") }],
    });
    response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
    response.end(body);
  });
}).listen(Number(port), "127.0.0.1");
