using System.Text;
using System.Text.RegularExpressions;
using Governance.Reports.Html;

namespace Governance.Reports.Pdf;

/// <summary>
/// Prints the HTML of a report with WeasyPrint: a separate process that runs no script, is given one self-contained file, no base URL and no way to
/// the network, and whose temporary folder is removed whatever happens. The same document gives the same bytes on the same WeasyPrint. Thread-safe.
/// </summary>
public sealed partial class WeasyPrintRenderer(HtmlRenderer html, WeasyPrintOptions options) : IPdfRenderer
{
    /// <summary>The oldest version with PDF/A, PDF/UA and attachments.</summary>
    public static readonly Version MinimumVersion = new(57, 0);

    private const string Install = "On Debian and Ubuntu: apt-get install weasyprint. Reports remain available as HTML.";

    private volatile PdfEngine? engine;

    public async Task<PdfEngine> DetectAsync(CancellationToken cancellationToken)
    {
        if (engine is { } known)
        {
            return known;
        }

        var result = await RunAsync(["--version"], Path.GetTempPath(), cancellationToken);
        var found = result.ExitCode == 0 && VersionLine().Match(result.Output) is { Success: true } match
            ? new PdfEngine("WeasyPrint", Version.Parse(match.Groups["version"].Value))
            : throw new PdfUnavailableException($"'{options.Executable} --version' did not answer as WeasyPrint does. {Install}");
        return engine = found.Version >= MinimumVersion
            ? found
            : throw new PdfUnavailableException($"WeasyPrint {found.Version} is too old; {MinimumVersion} or later is needed. {Install}");
    }

    public async Task<Stream> RenderAsync(PdfRequest request, CancellationToken cancellationToken)
    {
        var content = Encoding.UTF8.GetBytes(html.Render(request.Document));
        Check(request, content);
        await DetectAsync(cancellationToken);
        var folder = Directory.CreateTempSubdirectory("governance-pdf-");
        try
        {
            string At(string name) => Path.Combine(folder.FullName, name);
            await File.WriteAllBytesAsync(At("report.html"), content, cancellationToken);
            var files = Directory.CreateDirectory(At("attachments"));
            var arguments = new List<string> { "--encoding", "utf-8", "--base-url", "about:blank", "--quiet" };
            arguments.AddRange(["--pdf-variant", request.Profile == PdfProfile.Accessible ? "pdf/ua-1" : "pdf/a-3b"]);
            arguments.AddRange(["--pdf-identifier", Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(content).AsSpan(0, 16))]);
            foreach (var attachment in request.Attachments)
            {
                var path = Path.Combine(files.FullName, attachment.FileName);
                await File.WriteAllBytesAsync(path, attachment.Content, cancellationToken);
                arguments.AddRange(["--attachment", path]);
            }

            var result = await RunAsync([.. arguments, At("report.html"), At("report.pdf")], folder.FullName, cancellationToken);
            return await ReadAsync(new FileInfo(At("report.pdf")), result, cancellationToken);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Check(PdfRequest request, byte[] content)
    {
        var outside = SelfContained.FirstOutsideReference(Encoding.UTF8.GetString(content));
        if (outside is not null)
        {
            throw new PdfFailedException("The report refers to something outside itself, which is never fetched; this is a fault of its renderer.");
        }

        if (content.Length + request.Attachments.Sum(a => (long)a.Content.Length) > PdfLimits.MaximumInputBytes || request.Attachments.Count > PdfLimits.MaximumAttachments)
        {
            throw new PdfFailedException($"The report with its attachments is larger than {PdfLimits.MaximumInputBytes / (1024 * 1024)} MiB or has more than {PdfLimits.MaximumAttachments} attachments.");
        }

        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        if (request.Attachments.FirstOrDefault(a => !FileName().IsMatch(a.FileName) || !names.Add(a.FileName)) is not null)
        {
            throw new PdfFailedException("An attachment's name is letters, digits, '.', '_' and '-', starts with a letter or digit, and is unique.");
        }
    }

    private static async Task<Stream> ReadAsync(FileInfo pdf, ProcessResult result, CancellationToken cancellationToken)
    {
        if (result.ExitCode != 0 || !pdf.Exists)
        {
            var lastLine = result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault() ?? "no message";
            throw new PdfFailedException($"WeasyPrint ended with {result.ExitCode}: {lastLine.Trim()}");
        }

        return pdf.Length > PdfLimits.MaximumOutputBytes
            ? throw new PdfFailedException($"The PDF would be larger than {PdfLimits.MaximumOutputBytes / (1024 * 1024)} MiB.")
            : new MemoryStream(await File.ReadAllBytesAsync(pdf.FullName, cancellationToken), writable: false);
    }

    private async Task<ProcessResult> RunAsync(IEnumerable<string> arguments, string folder, CancellationToken cancellationToken)
    {
        try
        {
            return await BoundedProcess.RunAsync(options.Executable, arguments, folder, options.Timeout, cancellationToken)
                ?? throw new PdfUnavailableException($"WeasyPrint is not installed ('{options.Executable}' was not found). {Install}");
        }
        catch (TimeoutException e)
        {
            throw new PdfFailedException(e.Message, e);
        }
    }

    [GeneratedRegex(@"WeasyPrint version (?<version>\d+\.\d+)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex VersionLine();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex FileName();
}
