using Governance.Reports.Documents;
using Governance.Reports.Html;
using Governance.Reports.Pdf;
using Governance.Testing;

namespace Governance.Reports.Tests;

public sealed class WeasyPrintTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static PdfRequest Request => new(Samples.Library.Erasure(Samples.Erasure()));

    [Fact]
    public async Task Missing_program_says_what_to_install()
    {
        var renderer = new WeasyPrintRenderer(Samples.Library.Html, new WeasyPrintOptions { Executable = "weasyprint-that-is-not-there" });

        var e = await Assert.ThrowsAsync<PdfUnavailableException>(() => renderer.RenderAsync(Request, Stop));

        Assert.Contains("apt-get install weasyprint", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("echo 'WeasyPrint version 52.5'", "WeasyPrint 52.5 is too old; 57.0 or later is needed")]
    [InlineData("echo 'hello'", "did not answer as WeasyPrint does")]
    [InlineData("exit 3", "did not answer as WeasyPrint does")]
    public async Task Unsuitable_program_is_refused(string script, string expected)
    {
        using var folder = new TempFolder();

        var e = await Assert.ThrowsAsync<PdfUnavailableException>(() => Fake(folder, script).DetectAsync(Stop));

        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Failure_is_reported_with_the_last_line_and_leaves_no_files()
    {
        using var folder = new TempFolder();
        var note = folder.File("note");
        var renderer = Fake(folder, $"pwd > {note}; echo first >&2; echo 'the last word' >&2; exit 7");

        var e = await Assert.ThrowsAsync<PdfFailedException>(() => renderer.RenderAsync(Request, Stop));

        Assert.Equal("WeasyPrint ended with 7: the last word", e.Message);
        Assert.False(Directory.Exists((await File.ReadAllTextAsync(note, Stop)).Trim()));
    }

    [Fact]
    public async Task Endless_program_is_ended()
    {
        using var folder = new TempFolder();
        var renderer = Fake(folder, "while :; do sleep 1; done", TimeSpan.FromMilliseconds(700));

        var e = await Assert.ThrowsAsync<PdfFailedException>(() => renderer.RenderAsync(Request, Stop));

        Assert.Contains("did not finish within", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chatty_program_does_not_block_and_is_not_kept_whole()
    {
        using var folder = new TempFolder();
        var renderer = Fake(folder, "head -c 3000000 /dev/zero | tr '\\0' 'x' >&2; exit 1");

        var e = await Assert.ThrowsAsync<PdfFailedException>(() => renderer.RenderAsync(Request, Stop));

        Assert.InRange(e.Message.Length, 100, 10_000);
    }

    [Fact]
    public async Task Cancelled_rendering_stops()
    {
        using var folder = new TempFolder();
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var renderer = Fake(folder, "while :; do sleep 1; done");
        var detected = await renderer.DetectAsync(Stop);
        Assert.Equal("WeasyPrint", detected.Name);
        cancel.CancelAfter(TimeSpan.FromMilliseconds(200));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => renderer.RenderAsync(Request, cancel.Token));
    }

    [Fact]
    public async Task Program_sees_no_secret_and_no_network()
    {
        using var folder = new TempFolder();
        var note = folder.File("note");
        Environment.SetEnvironmentVariable("GOVERNANCE_TEST_SECRET", "hunter2");
        var renderer = Fake(folder, $"env > {note}; exit 1");

        await Assert.ThrowsAsync<PdfFailedException>(() => renderer.RenderAsync(Request, Stop));

        var environment = await File.ReadAllTextAsync(note, Stop);
        Assert.DoesNotContain("hunter2", environment, StringComparison.Ordinal);
        Assert.Contains("https_proxy=http://127.0.0.1:9", environment, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../../etc/passwd"), InlineData("-rf"), InlineData("a/b"), InlineData(""), InlineData("E1.json\n")]
    public async Task Attachment_names_that_are_paths_or_options_are_refused(string name)
    {
        using var folder = new TempFolder();
        var request = Request with { Attachments = [new PdfAttachment(name, new byte[] { 1 })] };

        var e = await Assert.ThrowsAsync<PdfFailedException>(() => Fake(folder, "exit 1").RenderAsync(request, Stop));

        Assert.StartsWith("An attachment's name", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Same_document_gives_the_same_bytes()
    {
        Assert.SkipWhen(Tool.Find("weasyprint") is null, "weasyprint is not installed (apt-get install weasyprint)");
        var renderer = new WeasyPrintRenderer(Samples.Library.Html, new WeasyPrintOptions());
        async Task<byte[]> Render()
        {
            await using var pdf = await renderer.RenderAsync(Request, Stop);
            using var copy = new MemoryStream();
            await pdf.CopyToAsync(copy, Stop);
            return copy.ToArray();
        }

        Assert.Equal(await Render(), await Render());
    }

    [Theory]
    [InlineData("<img src=\"file:///etc/passwd\">")]
    [InlineData("<a href='http://evil.example/'>x</a>")]
    [InlineData("<link rel=stylesheet href=//evil.example/x.css>")]
    [InlineData("<style>@import 'http://evil.example/x.css';</style>")]
    [InlineData("<p style=\"background: url(x.png)\">")]
    [InlineData("<object data=x></object>")]
    public void References_to_the_outside_are_found(string html) => Assert.NotNull(SelfContained.FirstOutsideReference(html));

    [Theory]
    [InlineData("<a href=\"#evidence-E1\">E1</a>")]
    [InlineData("<style>@font-face { src: url(data:font/ttf;base64,AAAA) }</style>")]
    [InlineData("<p>src=http://x and url(http://x) are only text here</p>")]
    [InlineData("<meta name=\"author\" content=\"a src=http://x href=y url(z)\">")]
    public void References_inside_are_not(string html) => Assert.Null(SelfContained.FirstOutsideReference(html));

    /// <summary>A renderer whose WeasyPrint answers the version question and then does what the script says.</summary>
    private static WeasyPrintRenderer Fake(TempFolder folder, string script, TimeSpan? timeout = null)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs a POSIX shell");
        var program = folder.File("weasyprint");
        var version = script.StartsWith("echo", StringComparison.Ordinal) || script == "exit 3" ? script : "echo 'WeasyPrint version 57.2'";
        File.WriteAllText(program, $"#!/bin/sh\nif [ \"$1\" = --version ]; then {version}; exit $?; fi\n{script}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return new WeasyPrintRenderer(Samples.Library.Html, new WeasyPrintOptions { Executable = program, Timeout = timeout ?? TimeSpan.FromMinutes(1) });
    }
}
