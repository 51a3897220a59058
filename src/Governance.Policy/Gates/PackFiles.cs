using System.Text;
using Governance.Policy.Gates.Documents;
using Governance.Policy.Gates.Yaml;

namespace Governance.Policy.Gates;

/// <summary>
/// The files of a pack and of the packs it extends, by name: those of the pack itself as <c>params.yaml</c>, those of an extended pack as
/// <c>model-risk/params.yaml</c>. Together they are the pack: what is loaded, hashed and stored.
/// </summary>
public static class PackFiles
{
    /// <summary>Most files of a pack with all it extends.</summary>
    public const int Most = 200;

    private const int MostPacks = 20;

    /// <summary>
    /// Reads every <c>*.yaml</c> file of a folder (not of the folders in it, such as its tests), and those of the packs it extends, which lie beside it.
    /// What cannot be found is left out: loading reports it.
    /// </summary>
    /// <exception cref="IOException">A folder cannot be read.</exception>
    /// <exception cref="InvalidDataException">There are too many files, or too large ones.</exception>
    public static IReadOnlyDictionary<string, string> Read(string folder)
    {
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        var beside = Path.GetDirectoryName(Path.GetFullPath(folder).TrimEnd(Path.DirectorySeparatorChar)) ?? folder;
        Add("", folder);
        for (var waiting = new Queue<string>(Extended("")); waiting.TryDequeue(out var pack);)
        {
            var path = Path.Combine(beside, pack);
            if (Directory.Exists(path) && !files.Keys.Any(f => f.StartsWith(pack + '/', StringComparison.Ordinal)))
            {
                Add(pack + '/', path);
                foreach (var further in Extended(pack + '/'))
                {
                    waiting.Enqueue(further);
                }
            }
        }

        return files;

        void Add(string prefix, string from)
        {
            foreach (var file in new DirectoryInfo(from).EnumerateFiles("*.yaml").OrderBy(f => f.Name, StringComparer.Ordinal))
            {
                if (files.Count == Most || file.Length > YamlReader.MaxCharacters * 4L)
                {
                    throw new InvalidDataException($"a pack has at most {Most} files of at most {YamlReader.MaxCharacters} characters");
                }

                files.Add(prefix + file.Name, File.ReadAllText(file.FullName, Encoding.UTF8));
            }
        }

        IEnumerable<string> Extended(string prefix)
        {
            var reader = new DocumentReader();
            foreach (var (name, text) in files.Where(f => f.Key.StartsWith(prefix, StringComparison.Ordinal) && f.Key.LastIndexOf('/') == prefix.Length - 1))
            {
                reader.Read(new YamlSource(name, text));
            }

            // A name that is no pack name is an issue of the load; it must not become a path here.
            return reader.Extends.Select(e => e.Pack).Where(DocumentReader.IsPackName).Take(MostPacks).ToList();
        }
    }
}
