// Readings that matter for company, place and person names and that a general dictionary misses or
// orders differently. Toneless, ü written as v; the generator looks the tone up.

// The first reading to assume for a character on its own.
export const preferred = { 都: 'du', 厦: 'xia', 伽: 'jia', 嗨: 'hai', 匙: 'shi' };

// A word and the reading of each of its characters.
export const words = `
银行 yin hang|商行 shang hang|行业 hang ye|车行 che hang|琴行 qin hang|洋行 yang hang|分行 fen hang
支行 zhi hang|总行 zong hang|央行 yang hang|建行 jian hang|农行 nong hang|工行 gong hang|中行 zhong hang
招行 zhao hang|同行 tong hang|行情 hang qing|行长 hang zhang|投行 tou hang|花行 hua hang|米行 mi hang
典当行 dian dang hang|拍卖行 pai mai hang|五金行 wu jin hang|贸易行 mao yi hang|行家 hang jia|行会 hang hui
电器行 dian qi hang|药行 yao hang|布行 bu hang|茶行 cha hang|水果行 shui guo hang|代理行 dai li hang
重庆 chong qing|重阳 chong yang|重建 chong jian|重组 chong zu|重复 chong fu|重启 chong qi|重新 chong xin
重生 chong sheng|重叠 chong die|重塑 chong su|重构 chong gou
长子县 zhang zi xian|成长 cheng zhang|增长 zeng zhang|生长 sheng zhang|校长 xiao zhang|家长 jia zhang
会长 hui zhang|院长 yuan zhang|部长 bu zhang|店长 dian zhang|厂长 chang zhang|局长 ju zhang|市长 shi zhang
经理长 jing li zhang|处长 chu zhang|科长 ke zhang|组长 zu zhang|队长 dui zhang|船长 chuan zhang
董事长 dong shi zhang|长老 zhang lao|长辈 zhang bei|学长 xue zhang|助长 zhu zhang|长孙 zhang sun
厦门 xia men|大厦 da sha|广厦 guang sha|商厦 shang sha|华厦 hua sha|高楼大厦 gao lou da sha
西藏 xi zang|藏族 zang zu|藏药 zang yao|藏医 zang yi|藏式 zang shi|藏地 zang di|藏区 zang qu|青藏 qing zang
川藏 chuan zang|滇藏 dian zang|宝藏 bao zang|藏文 zang wen|藏羚 zang ling|藏獒 zang ao|藏香 zang xiang
音乐 yin yue|乐器 yue qi|乐队 yue dui|乐团 yue tuan|器乐 qi yue|声乐 sheng yue|民乐 min yue|乐谱 yue pu
乐坛 yue tan|乐章 yue zhang|弦乐 xian yue|管乐 guan yue|国乐 guo yue|乐府 yue fu|乐清 yue qing
乐亭 lao ting|交响乐 jiao xiang yue|爵士乐 jue shi yue|配乐 pei yue|琴乐 qin yue|鼓乐 gu yue
会计 kuai ji|会稽 kuai ji|财会 cai kuai|单县 shan xian|单雄信 shan xiong xin|单于 chan yu
校对 jiao dui|校准 jiao zhun|校正 jiao zheng|色调 se diao|调查 diao cha|调研 diao yan|调度 diao du
调动 diao dong|调配 diao pei|情调 qing diao|格调 ge diao|基调 ji diao|曲调 qu diao|调性 diao xing
传记 zhuan ji|自传 zi zhuan|水浒传 shui hu zhuan|大夫 dai fu|人参 ren shen|海参 hai shen|党参 dang shen
丹参 dan shen|西洋参 xi yang shen|参茸 shen rong|红参 hong shen|沙参 sha shen|玄参 xuan shen|参业 shen ye
畜牧 xu mu|薄膜 bo mo|模具 mu ju|模板 mu ban|模样 mu yang|便宜 pian yi|咖喱 ga li|雪茄 xue jia
咖啡 ka fei|效率 xiao lv|汇率 hui lv|率先 shuai xian|纤夫 qian fu|化纤 hua xian|呢绒 ni rong
石拓 shi ta|一石 yi dan|宿州 su zhou|宿迁 su qian|星宿 xing xiu|朝阳 chao yang|今朝 jin zhao
朝霞 zhao xia|朝气 zhao qi|朝夕 zhao xi|朝晖 zhao hui|朝露 zhao lu|佛山 fo shan|仿佛 fang fu
六安 lu an|六合区 lu he qu|六合县 lu he xian|蚌埠 beng bu|亳州 bo zhou|台州 tai zhou|天台 tian tai
丽水 li shui|番禺 pan yu|东莞 dong guan|洪洞 hong tong|铅山 yan shan|涡阳 guo yang|浚县 xun xian
荥阳 xing yang|荥经 ying jing|莘县 shen xian|莘庄 xin zhuang|鄱阳 po yang|无为 wu wei|枞阳 zong yang
歙县 she xian|黟县 yi xian|砀山 dang shan|濉溪 sui xi|颍上 ying shang|嵊州 sheng zhou|鄞州 yin zhou
东阿 dong e|阿胶 e jiao|曲阜 qu fu|莒县 ju xian|牟平 mu ping|中牟 zhong mu|泌阳 bi yang|汝州 ru zhou
浠水 xi shui|黄陂 huang pi|郧阳 yun yang|监利 jian li|耒阳 lei yang|郴州 chen zhou|枝江 zhi jiang
大埔 da bu|揭阳 jie yang|吴川 wu chuan|儋州 dan zhou|邕宁 yong ning|犍为 qian wei|郫都 pi du|邛崃 qiong lai
珙县 gong xian|筠连 jun lian|华阴 hua yin|华山 hua shan|华县 hua xian|柞水 zha shui|吴堡 wu bu
蔚县 yu xian|尉犁 yu li|井陉 jing xing|乐都 le du|大城县 dai cheng xian|尉氏 wei shi|万俟 mo qi
尉迟 yu chi|澹台 tan tai|令狐 ling hu|鲜于 xian yu|可汗 ke han|龟兹 qiu ci|吐蕃 tu bo|番茄 fan qie
林荫 lin yin|给予 ji yu|供给 gong ji|给水 ji shui|自给 zi ji|强劲 qiang jing|劲旅 jing lv|劲松 jin song
差旅 chai lv|出差 chu chai|参差 cen ci|测量 ce liang|重量 zhong liang|剥离 bo li|数码 shu ma
的确 di que|目的 mu di|标的 biao di|的士 di shi|还原 huan yuan|归还 gui huan|偿还 chang huan
全都 quan dou|都是 dou shi|降落 jiang luo|投降 tou xiang|角色 jue se|主角 zhu jue|感觉 gan jue|睡觉 shui jiao
粘贴 zhan tie|奔驰 ben chi|血液 xue ye|种植 zhong zhi|种业 zhong ye|种子 zhong zi|作坊 zuo fang|弹性 tan xing
处理 chu li|处置 chu zhi|办事处 ban shi chu|应用 ying yong|供应 gong ying|应急 ying ji|空调 kong tiao
中国 zhong guo|命中 ming zhong|看中 kan zhong|首都 shou du|尽头 jin tou|着装 zhuo zhuang|着陆 zhuo lu
转盘 zhuan pan|钻石 zuan shi|钻井 zuan jing|钻探 zuan tan|卷帘 juan lian|试卷 shi juan|背包 bei bao
冠军 guan jun|皇冠 huang guan|桂冠 gui guan|鸡冠 ji guan|观察 guan cha|道观 dao guan|曝光 bao guang
佣金 yong jin|中华 zhong hua|兴业 xing ye|复兴 fu xing|高兴 gao xing|干燥 gan zao|干部 gan bu|骨干 gu gan
主干 zhu gan|干线 gan xian|干事 gan shi|散文 san wen|散热 san re|相机 xiang ji|照相 zhao xiang|首相 shou xiang
`;

// Surnames whose reading differs from the usual one.
export const surnames =
  '曾zeng 单shan 朴piao 仇qiu 解xie 区ou 查zha 任ren 盖ge 葛ge 华hua 尉wei 员yun 缪miao 晟cheng 折she 洗xian ' +
  '宁ning 隗wei 召shao 繁po 种chong 秘bi 乜nie 黑he 那na 覃qin 翟zhai 褚chu 逄pang 郗xi 纪ji 燕yan 应ying 车che ' +
  '柏bai 贾jia 石shi 卜bu 召shao 过guo 句gou 訾zi 晁chao 曲qu 冼xian 谌chen 佴nai 阚kan 郇xun 哈ha 重chong 都du ' +
  '祭zhai 能nai 万wan 不fou 钻zuan 尹yin 牟mu 芮rui 麦mai 妫gui 俞yu 於yu 于yu 瞿qu 沈shen 薄bo 冯feng 宓mi 乐yue 藏zang 长chang';
