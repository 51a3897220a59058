using System.CommandLine;
using Governance.Cli.Rendering;
using Governance.Cli.Shell;
using Governance.Client.Contracts;

namespace Governance.Cli.Commands;

/// <summary><c>gov report</c>: PDF documents.</summary>
internal static class ReportCommands
{
    public static Command Create(CommandFactory factory) => CommandFactory.Group("report", "PDF reports and certificates", CreateReport(factory), Download(factory));

    private static Command CreateReport(CommandFactory factory)
    {
        var kind = Values.Choice<ReportKind>("--kind", "Validation report of a version, or certificate of an erasure");
        var model = Values.Optional<string?>("--model", "Model of a validation report");
        var version = Values.Optional<int?>("--version-number", "Version of a validation report");
        var erasure = Values.Optional<string?>("--erasure", "Executed erasure of a certificate");
        var file = Values.Optional<string?>("--out", "Also download it to this file");
        return factory.Leaf("create", "Make a report and record it",
            ["gov report create --kind validation --model home-loans --version-number 2 --out report.pdf --as victor", "gov report create --kind erasure --erasure 0198c0de --as dora"],
            [kind, model, version, erasure, file],
            async (run, cancellationToken) =>
            {
                var request = run.Get(kind) switch
                {
                    ReportKind.Validation when run.Get(model) is { } about && run.Get(version) is { } number && run.Get(erasure) is null =>
                        new CreateReportRequest(ReportKind.Validation, about, number),
                    ReportKind.Erasure when run.Get(erasure) is { } executed && run.Get(model) is null && run.Get(version) is null =>
                        new CreateReportRequest(ReportKind.Erasure, ErasureId: executed),
                    ReportKind.Validation => throw CliException.Usage("A validation report needs --model and --version-number, and nothing else."),
                    _ => throw CliException.Usage("An erasure certificate needs --erasure, and nothing else."),
                };
                var report = await run.Client.CreateReportAsync(request, run.IdempotencyKey, cancellationToken);
                if (run.Get(file) is { } path)
                {
                    await DownloadAsync(run, report.Id, path, cancellationToken);
                }

                run.Output.Result(report, static (console, r) => Draw.Fields(console,
                    ("report", r.Id), ("about", r.About), ("document", r.Document.ToString()), ("issued", $"{Draw.Time(r.IssuedAt)} by {r.IssuedBy}"), ("ledger entry", Draw.Number(r.LedgerIndex))));
                return ExitCodes.Ok;
            });
    }

    private static Command Download(CommandFactory factory)
    {
        var id = new Argument<string>("report") { Description = "Report id" };
        var file = Values.Required<string>("--out", "File to write");
        return factory.Leaf("download", "Download a report's PDF", ["gov report download 0198c0de --out report.pdf"], [id, file], async (run, cancellationToken) =>
        {
            var length = await DownloadAsync(run, run.Get(id), run.Get(file), cancellationToken);
            run.Output.Result(new Downloaded(run.Get(id), Path.GetFullPath(run.Get(file)), length), static (console, d) => Draw.Line(console, $"{d.File}: {Draw.Number(d.Bytes)} bytes"));
            return ExitCodes.Ok;
        });
    }

    internal static async Task<long> DownloadAsync(Invocation run, string reportId, string path, CancellationToken cancellationToken)
    {
        var length = 0L;
        await InputFiles.WriteAsync(path, async (stream, token) => length = await run.Client.DownloadReportAsync(reportId, stream, token), cancellationToken);
        return length;
    }

    private sealed record Downloaded(string Report, string File, long Bytes);
}
