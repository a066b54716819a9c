#include "tests/tidy/source_tree.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace casebridge::tidy {

namespace {

namespace fs = std::filesystem;

const fs::path root{CASEBRIDGE_SOURCE_DIR};

bool is_word_character(char c)
{
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

bool is_digit(char c)
{
    return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

std::string read_file(const fs::path& path)
{
    std::ifstream in(path, std::ios::binary);
    if (!in) {
        throw std::runtime_error("cannot read " + path.string());
    }
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

bool is_skipped_directory(const fs::path& directory)
{
    const std::string name = directory.filename().string();
    return name == "build" || name == "__pycache__" || (name.starts_with('.') && name != ".ci");
}

// Copies a C++ text piece by piece; what is not code becomes blanks.
class Stripper {
public:
    Stripper(std::string_view text, Strings strings) : text_(text), strings_(strings) {}

    std::string run()
    {
        while (at_ < text_.size()) {
            step();
        }
        return std::move(out_);
    }

private:
    void step()
    {
        const char c = text_[at_];
        if (text_.substr(at_, 2) == "//") {
            blank_to(find("\n"));
        } else if (text_.substr(at_, 2) == "/*") {
            blank_to(find_after("*/"));
        } else if (is_digit(c)) {
            // A number is taken whole, so that its digit separators do not look like character literals.
            copy_while([](char d) { return is_word_character(d) || d == '\'' || d == '.'; });
        } else if (is_word_character(c)) {
            word();
        } else if (c == '"' || c == '\'') {
            literal(c);
        } else {
            copy_to(at_ + 1);
        }
    }

    void word()
    {
        const std::size_t begin = at_;
        copy_while(is_word_character);
        if (at_ < text_.size() && text_[at_] == '"' && text_[at_ - 1] == 'R' && at_ - begin <= 3) {
            raw_literal();
        }
    }

    void raw_literal()
    {
        const std::size_t open = std::min(text_.find('(', at_), text_.size());
        const std::string end = ")" + std::string(text_.substr(at_ + 1, open - at_ - 1)) + "\"";
        string_to(find_after(end));
    }

    void literal(char quote)
    {
        std::size_t end = at_ + 1;
        while (end < text_.size() && text_[end] != quote && text_[end] != '\n') {
            end += text_[end] == '\\' ? 2U : 1U;
        }
        string_to(std::min(end + 1, text_.size()));
    }

    void string_to(std::size_t end)
    {
        if (strings_ == Strings::kept) {
            copy_to(end);
        } else {
            blank_to(end);
        }
    }

    std::size_t find(std::string_view what) const { return std::min(text_.find(what, at_), text_.size()); }

    std::size_t find_after(std::string_view what) const
    {
        const std::size_t found = text_.find(what, at_);
        return found == std::string_view::npos ? text_.size() : found + what.size();
    }

    void copy_to(std::size_t end)
    {
        out_ += text_.substr(at_, end - at_);
        at_ = end;
    }

    template <class Predicate>
    void copy_while(Predicate predicate)
    {
        std::size_t end = at_;
        while (end < text_.size() && predicate(text_[end])) {
            ++end;
        }
        copy_to(end);
    }

    void blank_to(std::size_t end)
    {
        for (; at_ < end; ++at_) {
            out_ += text_[at_] == '\n' ? '\n' : ' ';
        }
    }

    std::string_view text_;
    Strings strings_;
    std::size_t at_ = 0;
    std::string out_;
};

}  // namespace

std::vector<SourceFile> read_project(const std::vector<std::string>& endings)
{
    std::vector<SourceFile> files;
    for (auto it = fs::recursive_directory_iterator(root); it != fs::recursive_directory_iterator(); ++it) {
        if (it->is_directory() && is_skipped_directory(it->path())) {
            it.disable_recursion_pending();
        }
        const std::string name = it->path().filename().string();
        const bool wanted =
            std::ranges::any_of(endings, [&](const std::string& ending) { return name.ends_with(ending); });
        if (wanted && it->is_regular_file()) {
            files.push_back({it->path().lexically_relative(root).generic_string(), read_file(it->path())});
        }
    }
    std::ranges::sort(files, {}, &SourceFile::path);
    return files;
}

std::vector<SourceFile> read_cpp_files()
{
    return read_project({".hpp", ".cpp"});
}

bool exists_in_project(std::string_view path)
{
    return fs::is_regular_file(root / path);
}

std::string code_of(std::string_view text, Strings strings)
{
    return Stripper(text, strings).run();
}

std::vector<std::string_view> lines_of(std::string_view text)
{
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        lines.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

std::vector<Word> words_of(std::string_view text)
{
    std::vector<Word> words;
    std::size_t line = 1;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = at;
        while (end < text.size() && is_word_character(text[end])) {
            ++end;
        }
        if (end > at) {
            words.push_back({text.substr(at, end - at), at, line});
            at = end;
        } else {
            line += text[at] == '\n' ? 1U : 0U;
            ++at;
        }
    }
    return words;
}

std::vector<Include> includes_of(std::string_view text)
{
    std::vector<Include> includes;
    const std::string code = code_of(text, Strings::kept);
    std::size_t number = 0;
    for (std::string_view line : lines_of(code)) {
        ++number;
        line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
        if (!line.starts_with('#')) {
            continue;
        }
        line.remove_prefix(std::min(line.find_first_not_of(" \t", 1), line.size()));
        if (!line.starts_with("include")) {
            continue;
        }
        const std::size_t open = line.find_first_of("\"<");
        if (open == std::string_view::npos) {
            continue;
        }
        const bool quoted = line[open] == '"';
        const std::size_t close = std::min(line.find(quoted ? '"' : '>', open + 1), line.size());
        includes.push_back(
            {std::string(line.substr(open + 1, close - open - 1)),
             quoted ? Include::Form::quoted : Include::Form::angled,
             number}
        );
    }
    return includes;
}

bool is_header(const SourceFile& file)
{
    return file.path.ends_with(".hpp");
}

bool is_test(const SourceFile& file)
{
    return file.path.starts_with("tests/");
}

std::string complaint(const SourceFile& file, std::size_t line, std::string_view message)
{
    return file.path + ":" + std::to_string(line) + ": " + std::string(message);
}

}  // namespace casebridge::tidy
