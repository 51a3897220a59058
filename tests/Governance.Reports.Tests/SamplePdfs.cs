using Governance.Core;
using Governance.Reports.Documents;
using Governance.Reports.Pdf;

namespace Governance.Reports.Tests;

/// <summary>The sample reports printed once for all tests; left in <c>samples/</c> beside the tests for people to look at.</summary>
public sealed class SamplePdfs : IAsyncLifetime
{
    public static string Validation => Path("validation");

    public static string Erasure => Path("erasure");

    public static string Accessible => Path("erasure-ua");

    private string? missing;

    public static string Path(string name) => System.IO.Path.Combine(AppContext.BaseDirectory, "samples", name + ".pdf");

    public void SkipIfUnavailable() => Assert.SkipWhen(missing is not null, missing ?? "");

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Validation)!);
        var renderer = new WeasyPrintRenderer(Samples.Library.Html, new WeasyPrintOptions());
        var input = Samples.Validation();
        try
        {
            await WriteAsync(renderer, Validation, new PdfRequest(Samples.Library.Validation(input))
            {
                Attachments = [.. input.Evidence.Select((e, i) => new PdfAttachment($"E{i + 1}.json", GovernanceJson.Serialize(e.Result)))],
            });
            var certificate = Samples.Library.Erasure(Samples.Erasure());
            await WriteAsync(renderer, Erasure, new PdfRequest(certificate));
            await WriteAsync(renderer, Accessible, new PdfRequest(certificate) { Profile = PdfProfile.Accessible });
        }
        catch (PdfUnavailableException e)
        {
            missing = e.Message;
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static async Task WriteAsync(WeasyPrintRenderer renderer, string path, PdfRequest request)
    {
        await File.WriteAllTextAsync(System.IO.Path.ChangeExtension(path, ".html"), Samples.Library.Html.Render(request.Document));
        await using var pdf = await renderer.RenderAsync(request, CancellationToken.None);
        await using var file = File.Create(path);
        await pdf.CopyToAsync(file);
    }
}
