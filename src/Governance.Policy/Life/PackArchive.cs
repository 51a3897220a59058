using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Governance.Core;
using Governance.Policy.Gates;
using Governance.Policy.Gates.Testing;

namespace Governance.Policy.Life;

/// <summary>
/// The files of a pack and of its tests as one document: what is proposed, stored by its digest, and loaded again years later. Equal files give
/// equal bytes. Immutable.
/// </summary>
public sealed partial class PackArchive
{
    /// <summary>UTF-16 characters of all files together, at most.</summary>
    public const int MaxCharacters = 4 << 20;

    /// <summary>Files of the tests, at most.</summary>
    public const int MaxTestFiles = 4_000;

    private const string Form = "governance-policy-pack/1";

    private PackArchive(ImmutableSortedDictionary<string, string> files, ImmutableSortedDictionary<string, string> tests, byte[] bytes)
    {
        (Files, Tests, Bytes) = (files, tests, bytes);
        Digest = Digest.Of(bytes);
    }

    /// <summary>Texts of the pack's files by name.</summary>
    public IReadOnlyDictionary<string, string> Files { get; }

    /// <summary>Texts of the tests' files by path below the folder of the tests.</summary>
    public IReadOnlyDictionary<string, string> Tests { get; }

    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Of <see cref="Bytes"/>.</summary>
    public Digest Digest { get; }

    /// <summary>The pack in a folder with those it extends (<see cref="PackFiles"/>), and the tests in its folder <c>tests</c>.</summary>
    /// <exception cref="FormatException">There are too many files or too large ones, or a name cannot be used.</exception>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    public static PackArchive Read(string folder)
    {
        try
        {
            var files = PackFiles.Read(folder);
            var extended = files.Keys.Where(f => f.Contains('/', StringComparison.Ordinal)).Select(f => f[..f.IndexOf('/', StringComparison.Ordinal)]).Distinct(StringComparer.Ordinal);
            return Of(files, ReadTests(Path.Combine(folder, "tests"), extended));
        }
        catch (InvalidDataException e)
        {
            throw new FormatException(e.Message, e);
        }
    }

    /// <summary>The files of a folder of tests, and the base inputs of extended packs, which lie beside the pack; none when there is no such folder.</summary>
    /// <exception cref="FormatException">There are too many files or too large ones.</exception>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    public static IReadOnlyDictionary<string, string> ReadTests(string folder, IEnumerable<string> extended)
    {
        if (!Directory.Exists(folder))
        {
            return ImmutableSortedDictionary<string, string>.Empty;
        }

        var tests = Texts(folder);
        foreach (var pack in extended)
        {
            var path = Path.Combine(folder, "..", "..", pack, "tests", "base.yaml");
            if (File.Exists(path))
            {
                tests[BaseOf(pack)] = File.ReadAllText(path, Encoding.UTF8);
            }
        }

        return tests;
    }

    /// <summary>Where the base input of an extended pack lies among the tests.</summary>
    internal static string BaseOf(string pack) => $"_extends/{pack}/base.yaml";

    /// <exception cref="FormatException">There are too many files or too large ones, or a name cannot be used.</exception>
    public static PackArchive Of(IReadOnlyDictionary<string, string> files, IReadOnlyDictionary<string, string> tests)
    {
        if (tests.Count > MaxTestFiles || files.Values.Concat(tests.Values).Sum(t => (long)t.Length) > MaxCharacters)
        {
            throw new FormatException($"A pack has at most {MaxTestFiles} files of tests and {MaxCharacters} characters.");
        }

        foreach (var name in files.Keys.Concat(tests.Keys).Where(n => !Name().IsMatch(n)))
        {
            throw new FormatException($"'{(name.Length > 80 ? name[..80] : name)}' cannot be the name of a file of a pack.");
        }

        var (sorted, sortedTests) = (files.ToImmutableSortedDictionary(StringComparer.Ordinal), tests.ToImmutableSortedDictionary(StringComparer.Ordinal));
        return new PackArchive(sorted, sortedTests, GovernanceJson.Serialize(new Stored(Form, sorted, sortedTests)));
    }

    /// <exception cref="FormatException">The bytes are no archive.</exception>
    public static PackArchive Parse(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var stored = GovernanceJson.Deserialize<Stored>(bytes);
            return stored.Form == Form ? Of(stored.Files, stored.Tests) : throw new FormatException($"This is no archive of the form {Form}.");
        }
        catch (JsonException e)
        {
            throw new FormatException("This is no archive of a policy pack.", e);
        }
    }

    /// <summary>The pack, or everything that is wrong with it.</summary>
    public PolicyPackLoad Load() => PolicyPack.Parse(Files);

    /// <summary>Runs the tests of the archive.</summary>
    public PolicyTestReport Test(PolicyPack pack, CancellationToken cancellationToken = default) => PolicyTestRunner.Run(pack, Tests, cancellationToken);

    private static Dictionary<string, string> Texts(string folder)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        long characters = 0;
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles("*.yaml", SearchOption.AllDirectories).OrderBy(f => f.FullName, StringComparer.Ordinal))
        {
            characters += file.Length;
            if (texts.Count > MaxTestFiles || characters > 4L * MaxCharacters)
            {
                throw new FormatException($"A pack has at most {MaxTestFiles} files of tests and {MaxCharacters} characters.");
            }

            texts.Add(Path.GetRelativePath(folder, file.FullName).Replace(Path.DirectorySeparatorChar, '/'), File.ReadAllText(file.FullName, Encoding.UTF8));
        }

        return texts;
    }

    private sealed record Stored(string Form, IReadOnlyDictionary<string, string> Files, IReadOnlyDictionary<string, string> Tests);

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}(/[A-Za-z0-9_][A-Za-z0-9._-]{0,99}){0,3}\.yaml$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Name();
}
