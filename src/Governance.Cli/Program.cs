using Governance.Cli;
using Governance.Cli.Shell;

Console.OutputEncoding = new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
return await GovCommandLine.RunAsync(args, Terminal.OfProcess(), CancellationToken.None);
